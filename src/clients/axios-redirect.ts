import type { InternalAxiosRequestConfig } from 'axios';
import type { Carried } from '../tokens/credentials.js';

/**
 * Node's adapter follows redirects by itself. For another origin it removes only `Authorization`, and not in all
 * cases. This removes all headers that carried the token (guarantee 9). Browsers do not call it.
 */
export function removeTokenOnRedirect(
  config: InternalAxiosRequestConfig,
  carried: Carried['headers'],
  origin: string,
): void {
  const { beforeRedirect } = config;
  config.beforeRedirect = (to, ...details) => {
    if (new URL(to.href).origin !== origin) for (const name in carried) removeHeader(to.headers, name);
    beforeRedirect?.(to, ...details);
  };
}

/** Removes a header; upper and lower case make no difference. */
export function removeHeader(headers: Record<string, unknown>, name: string): void {
  for (const other in headers) {
    if (other.length === name.length && other.toLowerCase() === name.toLowerCase()) delete headers[other];
  }
}
