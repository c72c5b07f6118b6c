import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { PAGES, writeSnippets } from '../support/snippets.js';

const root = join(import.meta.dirname, '../..');
// Inside the package, so that it can be imported by its own name.
const folder = join(import.meta.dirname, 'snippets');

/** The files and types that a Vue app has. */
const COMPONENTS =
  "declare module '*.vue' { const component: import('vue').DefineComponent; export default component; }";

it('every snippet of the README and the docs compiles', () => {
  const remove = () => rmSync(folder, { recursive: true, force: true });
  remove();
  onTestFinished(remove);
  const written = PAGES.flatMap((page) => writeSnippets(page, join(folder, page.replaceAll(/[./\\]/g, '-'))));
  expect(written.length).toBeGreaterThan(20);
  const options = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    module: 'ESNext',
    moduleResolution: 'Bundler',
    moduleDetection: 'force',
    allowJs: true,
    checkJs: true,
    jsx: 'react-jsx',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    types: ['vite/client'],
    paths: { vuex: [join(root, 'node_modules/vuex/types/index.d.ts')] }, // as docs/vue.md says
    skipLibCheck: true,
  };
  writeFileSync(join(folder, 'vue.d.ts'), COMPONENTS);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['.'] }));
  expect(compile()).toBe('');
});

function compile(): string {
  try {
    return execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
