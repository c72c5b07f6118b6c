import type { InternalAxiosRequestConfig } from 'axios';
import type { Carried } from '../tokens/credentials.js';
import { addressOf } from './axios-address.js';

/**
 * Node's adapter follows redirects by itself. Where one leads to another origin it takes off `Authorization`, and not always
 * that; what carried the token stays behind (law 9). In browsers nobody is asked.
 */
export function keepHome(config: InternalAxiosRequestConfig, carried: Carried['headers']): void {
  const { beforeRedirect } = config;
  config.beforeRedirect = (to, ...details) => {
    const home = new URL(addressOf(config), globalThis.location?.href).origin;
    if (new URL(to.href).origin !== home) for (const name in carried) drop(to.headers, name);
    beforeRedirect?.(to, ...details);
  };
}

/** Takes off a header, in whatever case it is written. */
export function drop(headers: Record<string, unknown>, name: string): void {
  for (const other in headers) {
    if (other.length === name.length && other.toLowerCase() === name.toLowerCase()) delete headers[other];
  }
}
