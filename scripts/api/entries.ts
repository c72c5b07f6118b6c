import { readFileSync } from 'node:fs';

interface Entry {
  /** The import path. */
  name: string;
  /** The name of its page, without an extension. */
  page: string;
  about: string;
  /** The file of `src` that it comes from. */
  source: string;
}

type Exports = Record<string, { import: { default: string } } | string>;

const { exports }: { exports: Exports } = JSON.parse(readFileSync('package.json', 'utf8'));

/** The purpose of each import, in the order of the pages. */
const ABOUT: Record<string, string> = {
  '.': 'sessions, backends, stores, errors, events',
  './axios': 'a session for an axios instance',
  './fetch': 'a session for `fetch`, and for libraries that accept one',
  './idle': 'signs out inactive users, after a warning',
  './vue': 'a plugin, a composable and a router guard',
  './pinia': 'tokens in a Pinia store',
  './vuex': 'tokens in a Vuex store',
  './react': 'a hook',
  './recorder': 'the last events of a session, for bug reports',
  './redis': 'one session for several processes of a server',
  './testing': 'a backend for your tests, with handlers for msw',
  './testing/backend': 'the same backend without msw',
};

/** The imports of the package: `unexpired/axios` has the page `axios.md`, and comes from `src/clients/axios.ts`. */
export const ENTRIES: readonly Entry[] = [
  ...new Set([...Object.keys(ABOUT), ...Object.keys(exports)]),
].flatMap((path) => {
  const files = exports[path];
  if (typeof files !== 'object') return [];
  return {
    name: path.replace('.', 'unexpired'),
    page: path === '.' ? 'core' : path.replace('./', '').replace('/', '-'),
    about: ABOUT[path] ?? '',
    source: files.import.default.replace('./dist/', 'src/').replace('.js', '.ts'),
  };
});
