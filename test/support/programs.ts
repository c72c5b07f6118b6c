import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Program {
  /** An environment variable with the path. It takes precedence. */
  variable?: string;
  names: string[];
  /** Paths to try if the program is not on the `PATH`. */
  places?: string[];
}

/** The path of an installed program. */
export function findProgram({ variable, names, places = [] }: Program): string | undefined {
  const named = variable && process.env[variable];
  const onPath = (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)));
  return [named ?? '', ...onPath, ...places].find((path) => path && existsSync(path));
}

/** Whether this is Debian and the user is root. */
export function installDebian(...packages: string[]): boolean {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) return false;
  return attempt('apt-get', ['update', '-qq']) && attempt('apt-get', ['install', '-y', '-qq', ...packages]);
}

/** Runs a command that installs what is missing. */
export function attempt(command: string, args: string[]): boolean {
  console.error(`Something is missing for these tests: ${command} ${args.join(' ')}`);
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFileSync(command, args, { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 });
    return true;
  } catch {
    return false;
  }
}
