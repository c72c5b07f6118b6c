import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../..');
// Inside the package, so that it can be imported by its own name.
const folder = join(import.meta.dirname, 'snippets');

/** `ts`, `tsx` and `js` blocks; a comment `<!-- context: … -->` before a block declares what it takes for granted. */
const SNIPPET =
  /(?:<!-- context:\s*([\s\S]*?)-->\s*)?```(tsx?|js)\n(?:\/\/ ([\w./-]+\.(?:tsx?|js))\n)?([\s\S]*?)```/g;

it('every snippet of the README and the docs compiles', () => {
  const remove = () => rmSync(folder, { recursive: true, force: true });
  remove();
  onTestFinished(remove);
  const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];
  const count = pages.map(writeSnippets).reduce((sum, written) => sum + written, 0);
  expect(count).toBeGreaterThan(3);
  const options = {
    strict: true,
    noEmit: true,
    target: 'ES2022',
    module: 'ESNext',
    moduleResolution: 'Bundler',
    moduleDetection: 'force',
    allowJs: true,
    checkJs: true,
    jsx: 'preserve',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    types: [],
    skipLibCheck: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['.'] }));
  expect(compile()).toBe('');
});

/** Each page is a folder; a snippet that begins with its file's name can be imported by the others of its page. */
function writeSnippets(page: string): number {
  const place = join(folder, page.replaceAll(/[./\\]/g, '-'));
  mkdirSync(place, { recursive: true });
  const snippets = [...readFileSync(join(root, page), 'utf8').matchAll(SNIPPET)];
  for (const [
    index,
    [, context = '', language, name = `snippet-${index + 1}.${language}`, code = ''],
  ] of snippets.entries()) {
    writeFileSync(join(place, name.replaceAll('/', '-')), `${context}\n${code}`);
  }
  return snippets.length;
}

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
