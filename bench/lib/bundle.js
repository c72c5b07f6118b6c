import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles `code` and its imports into one script for browsers. */
export async function bundle(code, { minify = false, external = [] } = {}) {
  const entry = 'virtual:entry';
  const output = await build({
    root,
    logLevel: 'warn',
    configFile: false,
    plugins: [
      {
        name: 'entry',
        enforce: 'pre',
        resolveId: (id) => (id === entry ? `${root}/entry.js` : null),
        load: (id) => (id === `${root}/entry.js` ? code : null),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      minify,
      modulePreload: false,
      rolldownOptions: { input: entry, external, preserveEntrySignatures: 'strict' },
    },
  });
  return output.output[0].code;
}
