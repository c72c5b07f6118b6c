import { readFileSync } from 'node:fs';

const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));

/** What each import is for, in the order of the pages. */
const ABOUT = {
  '.': 'sessions, backends, stores, errors, events',
  './axios': 'a session for an axios instance',
  './fetch': 'a session for `fetch`, and for libraries that accept one',
  './idle': 'signing users out who are away, with a warning first',
  './vue': 'a plugin, a composable and a router guard',
  './pinia': 'tokens in a Pinia store',
  './vuex': 'tokens in a Vuex store',
  './react': 'a hook',
  './recorder': 'the last events of a session, for bug reports',
  './redis': 'one session for several processes of a server',
  './testing': 'a backend for your tests, with handlers for msw',
  './testing/backend': 'the same backend without msw',
};

/**
 * The imports of the package, with the file of `src` that each comes from. The page of `unexpired/axios` is `axios.md`.
 */
export const ENTRIES = Object.keys(ABOUT)
  .concat(Object.keys(exports).filter((path) => exports[path].import && !(path in ABOUT)))
  .filter((path) => path in exports)
  .map((path) => ({
    name: path.replace('.', 'unexpired'),
    page: path === '.' ? 'core' : path.replace('./', '').replace('/', '-'),
    about: ABOUT[path] ?? '',
    source: exports[path].import.default.replace('./dist/', 'src/').replace('.js', '.ts'),
  }));
