import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { anchorsOf, linksOf } from '../support/page.ts';

const root = join(import.meta.dirname, '../..');
const pages = globSync(['*.md', 'docs/*.md', 'docs/zh/*.md'], { cwd: root });

/** The pages as they are read in the repository. `npm run docs:build` checks the links of the site. */
it.each(pages)('the links of %s lead to existing files and headings', (page) => {
  const broken = linksOf(page).filter((link) => {
    if (/^\w+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    if (!existsSync(join(root, file))) return true;
    return anchor !== undefined && !anchorsOf(file).includes(anchor);
  });
  expect(broken).toEqual([]);
});
