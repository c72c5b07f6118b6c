import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Size budgets of typical imports, in bytes, minified and gzipped. Without axios and the frameworks, because apps have them anyway. */
const BUDGETS = [
  {
    name: 'session, localStorage, envelope, axios',
    code: `export { createSession, envelopeBackend, localStorageStore } from 'unexpired';
           export { attachSession } from 'unexpired/axios';`,
    peers: ['axios'],
    budget: 11_900,
  },
  {
    name: 'session, memory, your own backend, axios',
    code: `export { createSession, SessionError } from 'unexpired'; export { attachSession } from 'unexpired/axios';`,
    peers: ['axios'],
    budget: 10_100,
  },
  {
    name: 'session, localStorage, envelope, fetch',
    code: `export { createSession, envelopeBackend, localStorageStore } from 'unexpired';
           export { createSessionFetch } from 'unexpired/fetch';`,
    budget: 11_750,
  },
  // Each backend alone, with the code that all backends share.
  { name: 'oauth2Backend', code: `export { oauth2Backend } from 'unexpired';`, budget: 2_560 },
  { name: 'simpleJwtBackend', code: `export { simpleJwtBackend } from 'unexpired';`, budget: 2_310 },
  { name: 'cookieBackend', code: `export { cookieBackend } from 'unexpired';`, budget: 2_310 },
  {
    name: 'loginRedirect, readReturnTo',
    code: `export { loginRedirect, readReturnTo } from 'unexpired';`,
    budget: 700,
  },
  binding('vue', ['vue']),
  binding('react', ['react']),
  binding('pinia'),
  binding('vuex'),
];

const PEERS = ['axios', 'msw', 'pinia', 'react', 'vue', 'vuex'];
const rows = await Promise.all(BUDGETS.map(measure));
console.table(rows);
if (rows.some(({ gzip, budget }) => gzip > budget)) {
  console.error(
    'An import is over its budget: make it smaller, or raise the budget in scripts/size.js and say why',
  );
  process.exitCode = 1;
}

/** How much a binding adds to an app that has a session. */
function binding(entry, peers) {
  const base = `export { createSession, envelopeBackend, loginRedirect } from 'unexpired';`;
  const code = `${base} export * from 'unexpired/${entry}';`;
  return { name: `unexpired/${entry}, added to a session`, code, base, peers, budget: 600 };
}

async function measure({ name, code, base, peers = [], budget }) {
  const whole = await sizesOf(name, code, peers);
  const rest = base ? await sizesOf(name, base, []) : {};
  const rows = Object.entries(whole).map(([unit, bytes]) => [unit, bytes - (rest[unit] ?? 0)]);
  return { name, ...Object.fromEntries(rows), budget };
}

async function sizesOf(name, code, peers) {
  const { code: bundle, imports } = await bundleOf(code);
  const unexpected = imports.filter((id) => !peers.includes(id));
  if (unexpected.length) throw new Error(`${name}: the bundle must not import ${unexpected.join(', ')}`);
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
