import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { outlineOf } from '../support/page.ts';

const root = join(import.meta.dirname, '../..');

/** English pages without a Chinese version. Remove a page from this list when you write its Chinese version. */
const ENGLISH_ONLY = [
  'mutation.md', // for contributors
];

const english = globSync('docs/*.md', { cwd: root }).map((page) => basename(page));
const chinese = globSync('docs/zh/*.md', { cwd: root }).map((page) => basename(page));

/** The path of the Chinese version of an English page. A page without one keeps its path. */
function inChinese(link: string): string {
  const [, page = '', anchor = ''] = /^docs\/([\w-]+\.md)(#.*)?$/.exec(link) ?? [];
  return page && !ENGLISH_ONLY.includes(page) ? `docs/zh/${page}${anchor}` : link;
}

/** The README has its own anchors in each language. */
const withoutReadmeAnchor = (link: string) => link.replace(/^README(\.zh-CN)?\.md(#.*)?$/, 'README');

it('every guide has a Chinese version, except for those on the list', () => {
  expect(chinese.sort()).toEqual(english.filter((page) => !ENGLISH_ONLY.includes(page)).sort());
});

it.each(chinese)('docs/zh/%s has the blocks, code, links, names and numbers of the English page', (page) => {
  const expected = outlineOf(`docs/${page}`);
  const actual = outlineOf(`docs/zh/${page}`);
  const links = expected.links.map((link) => withoutReadmeAnchor(inChinese(link))).sort();
  expect({ ...actual, links: actual.links.map(withoutReadmeAnchor).sort() }).toEqual({ ...expected, links });
});
