import { vi } from 'vitest';

/**
 * A page at `href` without a browser, with only the properties that the SDK reads, until `vi.unstubAllGlobals()`.
 * `baseURI`: the URL of its `<base>`. Returns the mock of `location.replace`.
 */
export function stubPage(href: string, baseURI = href) {
  const replace = vi.fn();
  const { origin, pathname, search, hash } = new URL(href);
  vi.stubGlobal('location', { href, origin, pathname, search, hash, replace });
  vi.stubGlobal('document', { baseURI, cookie: '' });
  return replace;
}

/** A page without a browser, until `vi.unstubAllGlobals()`. Its events are dispatched on the returned target. */
export function stubEvents(): EventTarget {
  const page = new EventTarget();
  vi.stubGlobal('location', new URL('https://app.example/'));
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  return page;
}
