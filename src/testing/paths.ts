import type { Endpoint } from './options.js';

type Paths = Record<Endpoint, string>;

/** Returns the endpoints whose path is at the end of `pathname`, with or without a trailing slash; the login comes first. */
export function endpointsAt(pathname: string, paths: Paths): Endpoint[] {
  const path = pathname.replace(/\/?$/, '/');
  const names: Endpoint[] = ['login', 'refresh', 'order', 'logout'];
  return names.filter((name) => matches(path, paths[name]));
}

function matches(path: string, configured: string): boolean {
  if (configured.endsWith('*')) return path.includes(configured.slice(0, -1));
  return path.endsWith(configured.replace(/\/?$/, '/'));
}

/** The paths as patterns of msw, for any origin. */
export function patternsOf(paths: Paths): string[] {
  return [paths.login, paths.refresh, paths.order, paths.logout].flatMap((path) => {
    if (path.endsWith('*')) return [`*${path}`];
    const withoutSlash = path.replace(/\/$/, '');
    return [`*${withoutSlash}`, `*${withoutSlash}/`];
  });
}
