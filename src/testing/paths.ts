import type { Endpoint } from './options.js';

type Paths = Record<Endpoint, string>;

/** What a path stands for, with and without its last slash, wherever it stands; login first. */
export function endpointsAt(pathname: string, paths: Paths): Endpoint[] {
  const path = pathname.replace(/\/?$/, '/');
  const names: Endpoint[] = ['login', 'refresh', 'order', 'logout'];
  return names.filter((name) => matches(path, paths[name]));
}

function matches(path: string, known: string): boolean {
  if (known.endsWith('*')) return path.includes(known.slice(0, -1));
  return path.endsWith(known.replace(/\/?$/, '/'));
}

/** The same as patterns of msw, on any origin. */
export function patternsOf(paths: Paths): string[] {
  return [paths.login, paths.refresh, paths.order, paths.logout].flatMap((path) => {
    if (path.endsWith('*')) return [`*${path}`];
    const slashless = path.replace(/\/$/, '');
    return [`*${slashless}`, `*${slashless}/`];
  });
}
