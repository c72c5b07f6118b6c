import type { InternalAxiosRequestConfig } from 'axios';
import type { Carried } from '../tokens/credentials.js';

/**
 * Node's adapter follows redirects by itself. Where one leads to another origin than `origin`, it removes `Authorization`, and
 * not always that; all headers that carried the token are removed (guarantee 9). Browsers ask nobody.
 */
export function keepHome(
  config: InternalAxiosRequestConfig,
  carried: Carried['headers'],
  origin: string,
): void {
  const { beforeRedirect } = config;
  config.beforeRedirect = (to, ...details) => {
    if (new URL(to.href).origin !== origin) for (const name in carried) drop(to.headers, name);
    beforeRedirect?.(to, ...details);
  };
}

/** Removes a header, in whatever case it is written. */
export function drop(headers: Record<string, unknown>, name: string): void {
  for (const other in headers) {
    if (other.length === name.length && other.toLowerCase() === name.toLowerCase()) delete headers[other];
  }
}
