import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Bytes, minified and gzipped, of what people import; axios and the frameworks, which they have anyway, left out. */
const BUDGETS = [
  {
    name: 'session, localStorage, envelope, axios',
    code: `export { createSession, envelopeBackend, localStorageStore } from 'unexpired';
           export { attachSession } from 'unexpired/axios';`,
    peers: ['axios'],
    budget: 13_700,
  },
  {
    name: 'session, memory, a backend of one’s own, axios',
    code: `export { createSession, SessionError } from 'unexpired'; export { attachSession } from 'unexpired/axios';`,
    peers: ['axios'],
    budget: 11_900,
  },
  {
    name: 'session, localStorage, envelope, fetch',
    code: `export { createSession, envelopeBackend, localStorageStore } from 'unexpired';
           export { createSessionFetch } from 'unexpired/fetch';`,
    budget: 13_400,
  },
  // Each alone, with what all share: who imports one carries no other.
  { name: 'oauth2Backend', code: `export { oauth2Backend } from 'unexpired';`, budget: 2_560 },
  { name: 'simpleJwtBackend', code: `export { simpleJwtBackend } from 'unexpired';`, budget: 2_310 },
  { name: 'cookieBackend', code: `export { cookieBackend } from 'unexpired';`, budget: 2_360 },
  {
    name: 'loginRedirect, readReturnTo',
    code: `export { loginRedirect, readReturnTo } from 'unexpired';`,
    budget: 700,
  },
  beside('unexpired/vue', `export * from 'unexpired/vue';`, 600, ['vue']),
  beside('unexpired/react', `export * from 'unexpired/react';`, 600, ['react']),
  beside('unexpired/pinia', `export * from 'unexpired/pinia';`, 600),
  beside('unexpired/vuex', `export * from 'unexpired/vuex';`, 600),
  beside('unexpired/idle', `export * from 'unexpired/idle';`, 2_300),
  beside('withStepUp', `export { withStepUp } from 'unexpired';`, 750),
  beside('keepAlive, warnBeforeEnd', `export { keepAlive, warnBeforeEnd } from 'unexpired';`, 450),
];

const PEERS = ['axios', 'msw', 'pinia', 'react', 'vue', 'vuex'];
const rows = await Promise.all(BUDGETS.map(measure));
console.table(rows);
if (rows.some(({ gzip, budget }) => gzip > budget)) {
  console.error('Over budget: every byte needs a reason');
  process.exitCode = 1;
}

/** What an import adds to an application with a session. */
function beside(name, added, budget, peers = []) {
  const besides = `export { createSession, envelopeBackend, loginRedirect } from 'unexpired';`;
  return { name: `${name}, beside a session`, code: `${besides} ${added}`, besides, peers, budget };
}

async function measure({ name, code, besides, peers = [], budget }) {
  const whole = await weigh(name, code, peers);
  const rest = besides ? await weigh(name, besides, []) : {};
  const rows = Object.entries(whole).map(([unit, bytes]) => [unit, bytes - (rest[unit] ?? 0)]);
  return { name, ...Object.fromEntries(rows), budget };
}

async function weigh(name, code, peers) {
  const { code: bundle, imports } = await bundleOf(code);
  const strangers = imports.filter((id) => !peers.includes(id));
  if (strangers.length) throw new Error(`${name}: the bundle must not import ${strangers.join(', ')}`);
  return {
    minified: bundle.length,
    gzip: gzipSync(bundle).length,
    brotli: brotliCompressSync(bundle).length,
  };
}

async function bundleOf(code) {
  const entry = 'virtual:entry';
  const output = await build({
    logLevel: 'warn',
    configFile: false,
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? code : null),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: { input: entry, external: PEERS, preserveEntrySignatures: 'strict' },
    },
  });
  return output.output[0];
}
