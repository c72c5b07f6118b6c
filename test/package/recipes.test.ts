import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const recipes = globSync('test/recipes/*/*.{ts,tsx}', { cwd: root }).filter(
  (file) => !file.includes('.test.'),
);

/** The guides show the code that the tests in `test/recipes` run. */
it.each(recipes)('%s is in a guide, word for word', (file) => {
  const guides = globSync('docs/*.md', { cwd: root }).map(read);
  expect(guides.some((guide) => guide.includes(`\n${read(file)}\`\`\``))).toBe(true);
});
