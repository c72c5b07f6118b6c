import { execFileSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { installDebian } from '../../support/programs.ts';

const MODULES = ['django', 'rest_framework', 'rest_framework_simplejwt', 'corsheaders', 'jwt'];
const PACKAGES = [
  'python3-django',
  'python3-djangorestframework',
  'python3-djangorestframework-simplejwt',
  'python3-django-cors-headers',
  'python3-jwt',
  'faketime',
];

export interface Installed {
  python: string;
  /** The library that changes the time of a process. */
  faketime: string;
}

/**
 * What the Django servers need: what is installed, or is installed now.
 * @throws {Error} saying what to do. These tests never pass for want of a server.
 */
export function ensureInstalled(): Installed {
  return find() ?? install() ?? fail();
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

function fail(): never {
  throw new Error(
    `The Django tests need a python3, which may be named in PYTHON, that imports ${MODULES.join(', ')}; and libfaketime. ` +
      `On Debian and Ubuntu: apt-get install ${PACKAGES.join(' ')}`,
  );
}
