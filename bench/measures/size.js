import { brotliCompressSync, gzipSync } from 'node:zlib';
import { contenders } from '../contenders/index.js';
import { bundle } from '../lib/bundle.js';

export const title = 'Size: bytes, minified, of typical imports, without axios';

const OURS = [
  ['unexpired: all of the core', `export * from 'unexpired';`],
  ['unexpired: createSession, SessionError', `export { createSession, SessionError } from 'unexpired';`],
  ['unexpired/axios', `export { attachSession } from 'unexpired/axios';`],
  ['unexpired: loginRedirect, readReturnTo', `export { loginRedirect, readReturnTo } from 'unexpired';`],
];

export async function run() {
  const theirs = contenders.filter(({ imports }) => imports).map(({ name, imports }) => [name, imports]);
  return Promise.all([...theirs, ...OURS].map(measure));
}

async function measure([what, code]) {
  const script = await bundle(code, { minify: true, external: ['axios'] });
  return {
    import: what,
    minified: script.length,
    gzip: gzipSync(script).length,
    brotli: brotliCompressSync(script).length,
  };
}
