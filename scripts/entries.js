import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The entries that have their own folder, for tools that do not read `exports`: `axios`, `testing/backend`. */
export const FOLDERS = Object.keys(exports)
  .filter((entry) => exports[entry].require && entry !== '.')
  .map((entry) => entry.replace('./', ''));

/** The files of an entry. */
export function filesOf(folder) {
  return exports[`./${folder}`];
}
