import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** Typical imports and their size budgets in bytes, minified and gzipped, without axios and the frameworks. */
const BUDGETS = [
  {
    name: 'createSession, memoryStore, SessionError, attachSession',
    code: `export { createSession, memoryStore, SessionError } from 'unexpired';
           export { attachSession } from 'unexpired/axios';`,
    peers: ['axios'],
    budget: 11_140,
    without: [
      'tabs/',
      'coordination/',
      'backends/http',
      'backends/read-body',
      'backends/challenge',
      'tokens/time',
      'tokens/zone',
    ],
  },
  {
    name: 'the README: localStorage, envelope, loginRedirect, axios',
    code: `export { createSession, envelopeBackend, localStorageStore, loginRedirect } from 'unexpired';
           export { attachSession } from 'unexpired/axios';`,
    peers: ['axios'],
    budget: 17_195,
    without: ['tabs/hand-over', 'backends/challenge'],
  },
  {
    name: 'localStorage, envelope, fetch',
    code: `export { createSession, envelopeBackend, localStorageStore } from 'unexpired';
           export { createSessionFetch } from 'unexpired/fetch';`,
    budget: 16_320,
    without: ['tabs/hand-over', 'backends/challenge'],
  },
  // Each alone, with the code that it shares with the others and with a session, such as the checks of options.
  {
    name: 'oauth2Backend',
    code: `export { oauth2Backend } from 'unexpired';`,
    budget: 4_460,
    without: ['tokens/zone', 'tabs/'],
  },
  {
    name: 'simpleJwtBackend',
    code: `export { simpleJwtBackend } from 'unexpired';`,
    budget: 4_160,
    without: ['tokens/zone', 'tabs/'],
  },
  {
    name: 'cookieBackend',
    code: `export { cookieBackend } from 'unexpired';`,
    budget: 8_760,
    without: ['tokens/zone', 'tabs/hand-over'],
  },
  { name: 'tabs', code: `export { tabs } from 'unexpired';`, budget: 4_065, without: ['tabs/hand-over'] },
  { name: 'sharedMemoryStore', code: `export { sharedMemoryStore } from 'unexpired';`, budget: 4_720 },
  {
    name: 'loginRedirect, readReturnTo',
    code: `export { loginRedirect, readReturnTo } from 'unexpired';`,
    budget: 1_210,
  },
  beside('unexpired/vue', `export { createSessionPlugin, useIdle, useSession } from 'unexpired/vue';`, 600, [
    'vue',
  ]),
  beside('requireSignIn, for vue-router', `export { requireSignIn } from 'unexpired/vue';`, 300, ['vue']),
  beside('unexpired/react', `export * from 'unexpired/react';`, 400, ['react']),
  beside('unexpired/pinia', `export * from 'unexpired/pinia';`, 600),
  beside('unexpired/vuex', `export * from 'unexpired/vuex';`, 600),
  beside('unexpired/idle', `export * from 'unexpired/idle';`, 2_450),
  beside('unexpired/recorder', `export * from 'unexpired/recorder';`, 4_650),
  beside('withStepUp', `export { withStepUp } from 'unexpired';`, 1_000),
  beside('keepAlive, warnBeforeEnd', `export { keepAlive, warnBeforeEnd } from 'unexpired';`, 460),
];

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

async function measure({ name, code, besides, peers = [], without = [], budget }) {
  const whole = await weigh(name, code, peers, without);
  const rest = besides ? await weigh(name, besides, [], []) : {};
  const units = Object.entries(whole).map(([unit, bytes]) => [unit, bytes - (rest[unit] ?? 0)]);
  return { name, ...Object.fromEntries(units), budget };
}

async function weigh(name, contents, peers, without) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: process.cwd() },
    ...{ bundle: true, minify: true, format: 'esm', target: 'es2022', write: false, metafile: true },
    external: peers,
  });
  const inputs = Object.entries(Object.values(metafile.outputs)[0].inputs);
  const carried = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([file]) => file);
  const strangers = without.filter((part) => carried.some((file) => file.startsWith(`dist/${part}`)));
  if (strangers.length) throw new Error(`${name}: the bundle must not carry ${strangers.join(', ')}`);
  const [{ contents: bundle }] = outputFiles;
  return {
    minified: bundle.length,
    gzip: gzipSync(bundle, { level: 9 }).length,
    brotli: brotliCompressSync(bundle).length,
  };
}
