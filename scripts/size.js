import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Bytes, minified and gzipped, of what people import; axios and the frameworks, which they have anyway, left out. */
const BUDGETS = [
  {
    name: 'session, localStorage, envelope, axios',
    code: `export { createSession, envelopeBackend, localStorageStore } from 'unexpired';
           export { attachSession } from 'unexpired/axios';`,
    budget: 11_200,
  },
  {
    name: 'session, memory, a backend of one’s own, axios',
    code: `export { createSession, SessionError } from 'unexpired'; export { attachSession } from 'unexpired/axios';`,
    budget: 9_400,
  },
  {
    name: 'loginRedirect, readReturnTo',
    code: `export { loginRedirect, readReturnTo } from 'unexpired';`,
    budget: 700,
  },
];

const external = ['axios', 'msw', 'vue', 'react'];
const rows = await Promise.all(BUDGETS.map(measure));
console.table(rows);
if (rows.some(({ gzip, budget }) => gzip > budget)) {
  console.error('Over budget: every byte needs a reason');
  process.exitCode = 1;
}

async function measure({ name, code, budget }) {
  const { code: bundle, imports } = await bundleOf(code);
  const strangers = imports.filter((id) => id !== 'axios');
  if (strangers.length) throw new Error(`${name}: the bundle must not import ${strangers.join(', ')}`);
  return {
    name,
    minified: bundle.length,
    gzip: gzipSync(bundle).length,
    brotli: brotliCompressSync(bundle).length,
    budget,
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
      rolldownOptions: { input: entry, external, preserveEntrySignatures: 'strict' },
    },
  });
  return output.output[0];
}
