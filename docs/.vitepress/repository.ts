import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { MarkdownRenderer } from 'vitepress';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as { repository?: { url: string } };

/** Where the files of the repository can be read. `repository` in package.json decides, if it is there. */
export const REPOSITORY: string = (
  manifest.repository?.url ?? 'https://github.com/unexpired/unexpired'
).replace(/^git\+|\.git$/g, '');

interface Environment {
  relativePath: string;
}

/** Guides link to files of the repository, so that the links work there. On the site, these links lead to the repository. */
export function siteLinks(md: MarkdownRenderer): void {
  md.core.ruler.push('site-links', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet('href');
      if (href && !/^(\w+:|[/#])/.test(href))
        token.attrSet('href', linkOf(href, (env as Environment).relativePath));
    }
  });
}

function linkOf(href: string, page: string): string {
  const [file = '', ...anchor] = href.split(/(?=#)/);
  const path = posix.join('docs', posix.dirname(page), file);
  return path.startsWith('docs/') ? href : repositoryLink(path, anchor.join(''), page);
}

function repositoryLink(path: string, anchor: string, page: string): string {
  if (!existsSync(root + path)) throw new Error(`docs/${page} links to ${path}, which does not exist`);
  return `${REPOSITORY}/blob/main/${path}${anchor}`;
}
