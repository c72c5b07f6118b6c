import { describe, expect, it } from 'vitest';

import { LIBRARIES, newKey, StrictBackend, startProcess, times } from './fleet.ts';

describe.each(Object.keys(LIBRARIES))('with %s', (library) => {
  const start = (backend: StrictBackend, key: string) => startProcess(backend, key, { library });

  it('many requests in several processes, each with its own session, cost one refresh', async () => {
    const backend = new StrictBackend();
    const key = newKey();
    const processes = await times(4, () => start(backend, key));
    await processes[0]!.open().signIn(backend.logIn(-1));
    const tokens = await times(100, async (index) => {
      const session = processes[index % 4]!.open();
      const token = await session.getAccessToken();
      session.dispose();
      return token;
    });
    expect(new Set(tokens)).toEqual(new Set(['access-2']));
    expect(backend.refreshes).toBe(1);
  });

  it('ten refreshes in a row, started in all processes at once, cost one call each', async () => {
    const backend = new StrictBackend();
    const key = newKey();
    const processes = await times(4, () => start(backend, key));
    await processes[0]!.open().signIn(backend.logIn());
    const sessions = processes.map((process) => process.open());
    for (let round = 1; round <= 10; round++) {
      await Promise.all(sessions.map((session) => session.refresh()));
      expect(backend.refreshes).toBe(round);
    }
    expect(await times(4, (index) => sessions[index]!.getAccessToken())).toEqual(Array(4).fill('access-11'));
  });

  it('a refresh emits `refreshed` in its process and `adopted` in the others, and a refusal signs out all', async () => {
    const backend = new StrictBackend();
    const key = newKey();
    const [one, two] = [await start(backend, key), await start(backend, key)];
    const first = one.open();
    await first.signIn(backend.logIn());
    const second = two.open();
    await second.ready;
    await first.refresh();
    expect(one.events.map(({ type }) => type)).toEqual(['signed-in', 'refreshing', 'refreshed']);
    await expect.poll(() => two.events.at(-1)?.type).toBe('adopted');
    backend.revoked = true;
    await expect(first.refresh()).rejects.toMatchObject({ code: 'refresh_rejected' });
    expect(one.events.at(-1)).toMatchObject({ reason: 'refresh_rejected' });
    await expect.poll(() => two.events.at(-1)).toMatchObject({ reason: 'signed_out_elsewhere' });
    await new Promise(setImmediate);
    expect(one.events.filter(({ type }) => type === 'signed-out')).toHaveLength(1);
  });

  it('a sign-out in one process ends the session in the others', async () => {
    const backend = new StrictBackend();
    const key = newKey();
    const [one, two] = [await start(backend, key), await start(backend, key)];
    const first = one.open();
    await first.signIn(backend.logIn());
    const second = two.open();
    await second.ready;
    expect(second.status).toBe('signed-in');
    await first.signOut();
    await expect.poll(() => second.status).toBe('signed-out');
    expect(two.events.at(-1)).toMatchObject({ type: 'signed-out', reason: 'signed_out_elsewhere' });
  });
});
