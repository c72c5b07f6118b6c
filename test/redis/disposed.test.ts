import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { newKey, StrictBackend, startProcess } from './fleet.ts';

/** In ms. A token is refreshed ahead of time in its last quarter. */
const LIFETIME = 4_000;
const AGEING = 3_050;

it('if a session is disposed while it refreshes ahead of time, no tokens are lost', async () => {
  const backend = new StrictBackend();
  const key = newKey();
  const processes = [await startProcess(backend, key), await startProcess(backend, key)];
  const login = processes[0]!.open();
  await login.signIn(backend.logIn(LIFETIME));
  login.dispose();
  await setTimeout(AGEING);
  // The API responds faster than the token server.
  backend.answering = () => setTimeout(200);
  for (let request = 0; request < 6; request++) {
    const session = processes[request % 2]!.open();
    await session.getAccessToken();
    await setTimeout(50);
    session.dispose();
  }
  expect(backend).toMatchObject({ refreshes: 1, revoked: false });
  expect(await processes[1]!.open().getAccessToken()).toBe('access-2');
});
