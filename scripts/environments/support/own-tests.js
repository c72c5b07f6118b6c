import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Packages that the tests of this repository need, besides those under test. */
export const TEST_PACKAGES = { axios: '1.21.1', msw: '3.0.5', vitest: '5.1.2' };

/**
 * Runs tests of this repository with the installed package, and with other versions of the libraries that it
 * supports.
 */
export async function runOwnTests({ within, write, run }, { tests, alias = [] }) {
  for (const path of ['test/support', ...tests]) {
    mkdirSync(dirname(within(path)), { recursive: true });
    cpSync(join(root, path), within(path), { recursive: true });
  }
  const aliases = [...SOURCES, ...alias].map(([find, replacement]) => {
    const path = replacement.startsWith('./') ? within(replacement) : replacement;
    return `{ find: ${find}, replacement: '${path}' }`;
  });
  const config = `{ resolve: { alias: [${aliases}] }, test: { include: ['test/**/*.test.{ts,js}'] } }`;
  write('vitest.config.mjs', `export default ${config};\n`);
  await run('vitest', ['run', '--maxWorkers=1']);
}

/** Maps the source files to the names of the package. */
const SOURCES = [
  [/^#network$/, './test/support/network.node.ts'],
  [/^.*\/src\/index\.js$/, 'unexpired'],
  [/^.*\/src\/testing\/index\.js$/, 'unexpired/testing'],
  [/^.*\/src\/(?:bindings|clients)\/(\w+)\.js$/, 'unexpired/$1'],
  [/^.*\/src\/(idle|recorder|redis)\/index\.js$/, 'unexpired/$1'],
];
