import { expect, it, onTestFinished } from 'vitest';
import { createSession, type TokenSet, tabs } from '../../src/index.js';

let opened = 0;

/** A session in a store that is not shared, such as one with a cookie, and the channel of its tabs. */
async function open() {
  const key = `left-page-${++opened}`;
  let stored: TokenSet | null = null;
  const make = () =>
    createSession({
      backend: {
        readTokens: (body) => body as TokenSet,
        refresh: () => Promise.reject(new Error('offline')),
      },
      store: {
        read: () => stored,
        write: (tokens) => {
          stored = tokens;
        },
        coordination: tabs(key),
      },
    });
  const session = make();
  const channel = new BroadcastChannel(`unexpired:${key}`);
  onTestFinished(() => {
    session.dispose();
    channel.close();
  });
  await session.signIn({ accessToken: 'access', refreshToken: 'refresh' });
  /** The message of a tab that signs out and is closed before it can write to the ledger. */
  const signOutElsewhere = (ended: number) => channel.postMessage({ type: 'changed', ended });
  return { session, make, signOutElsewhere, generation: () => stored?.generation ?? 0 };
}

it('a sign-out reaches another tab and the ledger, even if the page that signed out closes at once', async () => {
  const { session, make, signOutElsewhere, generation } = await open();
  const reasons: unknown[] = [];
  session.subscribe((event) => event.type === 'signed-out' && reasons.push(event.reason));
  signOutElsewhere(generation() + 1);
  await expect.poll(() => session.status).toBe('signed-out');
  expect(reasons).toEqual(['signed_out_elsewhere']);
  // A sign-in in the same millisecond would be newer.
  await session.signIn({ accessToken: 'access-2', refreshToken: 'refresh-2' });
  const other = make();
  onTestFinished(() => other.dispose());
  await other.ready;
  expect([other.status, session.status]).toEqual(['signed-in', 'signed-in']);
});

it('a sign-out that is older than this tab’s sign-in changes nothing', async () => {
  const { session, signOutElsewhere, generation } = await open();
  signOutElsewhere(generation() - 1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(session.status).toBe('signed-in');
});
