import { version } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { useSession } from '../../src/bindings/react.js';
import { createSession, type Session, type TokenSet } from '../../src/index.js';
import { REACT } from '../support/react-version.js';

function Who({ session }: { session: Session }) {
  const { status, claims } = useSession(session);
  return <p>{`${status}: ${claims?.sub ?? 'nobody'}`}</p>;
}

it('runs with the React version of the project', () => {
  expect(version.split('.')[0]).toBe(REACT);
});

it('a server render shows an unknown user and touches no global', async () => {
  const before = Object.getOwnPropertyNames(globalThis);
  const backend = { readTokens: (body: unknown) => body as TokenSet, refresh: () => Promise.reject() };
  // a server creates one session per request
  const sessions = [createSession({ backend }), createSession({ backend })];
  await sessions[0]!.signIn({ accessToken: `e30.${btoa('{"sub":"ann"}')}.x` });
  for (const session of sessions)
    expect(renderToString(<Who session={session} />)).toBe('<p>restoring: nobody</p>');
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
  for (const session of sessions) session.dispose();
});
