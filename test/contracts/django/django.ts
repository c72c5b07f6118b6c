import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { startServer } from '../child.js';
import { clientClock } from '../client.js';
import { ensureInstalled } from './installed.js';

export interface Django {
  origin: string;
  /** Sets the server's clock to `ahead` ms ahead of the correct time. */
  setClock(ahead: number): void;
}

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Starts the server of server.py, whose clock is under the test's control, until the tests of the file are over. */
export async function startDjango(env: Record<string, string> = {}): Promise<Django> {
  const { python, faketime } = ensureInstalled();
  const folder = mkdtempSync(join(tmpdir(), 'unexpired-clock-'));
  folders.push(folder);
  const clock = join(folder, 'clock');
  const setClock = (ahead: number) => writeFileSync(clock, `${ahead < 0 ? '' : '+'}${ahead / 1000}`);
  setClock(0);
  const origin = await startServer(python, [join(import.meta.dirname, 'server.py')], {
    ...env,
    LD_PRELOAD: faketime,
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  });
  return { origin, setClock };
}

/** The clocks of client and server. The server's clock is `ahead` ms ahead. */
export function bothClocks({ setClock }: Django, ahead = 0): { tick(ms: number): Promise<unknown> } {
  const clock = clientClock();
  let passed = ahead;
  setClock(passed);
  return {
    tick(ms) {
      setClock((passed += ms));
      return clock.tick(ms);
    },
  };
}
