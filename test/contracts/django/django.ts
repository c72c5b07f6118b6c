import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { installDebian } from '../../support/programs.js';
import { startServer } from '../child.js';
import { clientClock } from '../client.js';

const MODULES = ['django', 'rest_framework', 'rest_framework_simplejwt', 'corsheaders', 'jwt'];
const PACKAGES = [
  'python3-django',
  'python3-djangorestframework',
  'python3-djangorestframework-simplejwt',
  'python3-django-cors-headers',
  'python3-jwt',
  'faketime',
];

export interface Django {
  origin: string;
  /** Sets the server's clock to `ahead` ms ahead of the right time. */
  setClock(ahead: number): void;
}

/** Starts the server of server.py, whose clock is under the test's control, until the tests of the file are over. */
export async function startDjango(env: Record<string, string> = {}): Promise<Django> {
  const { python, faketime } = find() ?? install() ?? fail();
  const folder = mkdtempSync(join(tmpdir(), 'unexpired-clock-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
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

/** The clocks of client and server, which is `ahead` ms ahead: time passes on both. */
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

interface Installed {
  python: string;
  /** The library that makes a process believe in another time. */
  faketime: string;
}

function find(): Installed | undefined {
  const python = [process.env.PYTHON, '/usr/bin/python3', 'python3'].find((name) => name && canImport(name));
  const [faketime] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
  return python && faketime ? { python, faketime } : undefined;
}

function canImport(python: string): boolean {
  try {
    execFileSync(python, ['-c', `import ${MODULES.join(', ')}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function install(): Installed | undefined {
  installDebian(...PACKAGES);
  return find();
}

/** These tests never pass for want of a server. */
function fail(): never {
  throw new Error(
    `The Django tests need a python3, which may be named in PYTHON, that imports ${MODULES.join(', ')}; and libfaketime. ` +
      `On Debian and Ubuntu: apt-get install ${PACKAGES.join(' ')}`,
  );
}
