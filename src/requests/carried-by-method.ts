import type { Carried } from '../tokens/credentials.js';

/** Methods that change nothing (RFC 9110 §9.2.1). */
const SAFE = /^(GET|HEAD|OPTIONS|TRACE)$/i;

/** What a request by this method has to carry. */
export function carriedByMethod(carried: Carried, method = 'GET'): Carried {
  const { unsafe, headers } = carried;
  return unsafe && !SAFE.test(method) ? { ...carried, headers: { ...headers, ...unsafe() } } : carried;
}
