import { existsSync, globSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/**
 * Returns the broken links of a built site: the file or the heading does not exist. VitePress only finds missing pages, and
 * only in Markdown links.
 */
export function brokenLinks(site, base = process.env.DOCS_BASE ?? '/') {
  const pages = new Map(globSync('**/*.html', { cwd: site }).map((page) => [page, read(join(site, page))]));
  return [...pages].flatMap(([page, { hrefs }]) =>
    [...hrefs].filter((href) => !leadsSomewhere(href, page)).map((href) => `${page}: ${href}`),
  );

  function leadsSomewhere(href, page) {
    const { pathname, hash } = new URL(href, `http://site${base}${page}`);
    const path = decodeURIComponent(pathname.slice(base.length));
    const file = path === '' || path.endsWith('/') ? posix.join(path, 'index.html') : path;
    if (!pages.has(file)) return existsSync(join(site, file));
    return !hash || pages.get(file).ids.has(decodeURIComponent(hash.slice(1)));
  }
}

function read(file) {
  const html = readFileSync(file, 'utf8');
  const all = (pattern) =>
    new Set(Array.from(html.matchAll(pattern), ([, value]) => value.replaceAll('&amp;', '&')));
  return { ids: all(/\sid="([^"]+)"/g), hrefs: all(/\s(?:href|src)="(?!\w+:|\/\/)([^"]+)"/g) };
}
