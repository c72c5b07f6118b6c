import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Backend, createSession } from 'unexpired';
import { expect, it, onTestFinished } from 'vitest';
import { serve } from '../support/http.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/backends.md'), 'utf8');
const [, code = ''] = /```ts\n\/\/ backend\.ts\n([\s\S]*?)```/.exec(page) ?? [];

/** The page's backend, unchanged except for the address. */
async function loadBackend(origin: string): Promise<Backend> {
  const file = join(import.meta.dirname, 'own-backend.snippet.ts');
  writeFileSync(file, code.replace('https://api.example.com', origin));
  onTestFinished(() => rmSync(file));
  return ((await import(/* @vite-ignore */ `${file}?${origin}`)) as { backend: Backend }).backend;
}

/** The server that the page describes. */
async function startServer() {
  const seen: (string | null)[] = [];
  let status = 200;
  const origin = await serve(async ({ method, url, headers }) => {
    expect(`${method} ${new URL(url).pathname}`).toBe('POST /session/renew');
    const renewal = headers.get('x-renewal');
    seen.push(renewal);
    return Response.json(
      { jwt: `jwt-${seen.length}`, renewal: `renewal-${seen.length}`, ttl: 60 },
      { status },
    );
  });
  return { origin, seen, answerWith: (next: number) => (status = next) };
}

it('the custom backend in the guide refreshes, survives faults, and ends the session', async () => {
  const { origin, seen, answerWith } = await startServer();
  const ends: string[] = [];
  const session = createSession({
    backend: await loadBackend(origin),
    onSignedOut: ({ reason }) => void ends.push(reason),
  });
  onTestFinished(() => session.dispose());

  await session.signIn({ jwt: 'jwt-0', renewal: 'renewal-0', ttl: 60 });
  expect(await session.getAccessToken()).toBe('jwt-0');
  await session.refresh();
  expect(await session.getAccessToken()).toBe('jwt-1');

  answerWith(503);
  await expect(session.refresh()).rejects.toMatchObject({
    code: 'refresh_unavailable',
    message: expect.stringContaining('/session/renew answered 503'),
  });
  expect(await session.getAccessToken()).toBe('jwt-1');

  answerWith(410);
  await expect(session.refresh()).rejects.toMatchObject({ code: 'refresh_rejected' });
  expect(seen).toEqual(['renewal-0', 'renewal-1', 'renewal-1']);
  expect(session.status).toBe('signed-out');
  expect(ends).toEqual(['refresh_rejected']);
});
