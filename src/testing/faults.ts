import { html, json } from './answers.js';
import { assertOneOf } from './assert.js';
import type { Endpoint } from './options.js';

/** A failure of a request. */
export type Fault =
  /** The request never reaches the server; `fetch` rejects. */
  | 'network'
  /** The server processes the request, but the response is lost; `fetch` rejects. */
  | 'lost-answer'
  /** There is no response; the request ends when its signal aborts. */
  | 'timeout'
  /** The server rejects the token or the password, even if it is valid. */
  | 'refuse'
  /** A captive portal answers with HTML and status 200. */
  | 'html'
  /** This status instead of a response; optionally with `Retry-After` (seconds or an HTTP date) and a JSON `body`. */
  | { status: number; retryAfter?: number | string; body?: unknown };

const NAMED = ['network', 'lost-answer', 'timeout', 'refuse', 'html'];

/** @throws {TypeError} if it is not a fault, e.g. misspelt. */
export function assertFault(fault: Fault | null): void {
  if (typeof (fault as { status?: unknown } | null)?.status === 'number' || fault === null) return;
  assertOneOf('fault', fault as string, [...NAMED, '{ status: <number> }', 'null']);
}

export interface Faults {
  /** Fails all requests to an endpoint; `null` ends that. */
  set(endpoint: Endpoint, fault: Fault | null): void;
  /** Fails the next `times` requests to an endpoint. */
  next(endpoint: Endpoint, fault: Fault, times: number): void;
  /** Returns the fault for the current request, and removes it if it was set by `next`. */
  take(endpoint: Endpoint): Fault | null;
  clear(): void;
}

export function createFaults(): Faults {
  const lasting = new Map<Endpoint, Fault>();
  const upcoming = new Map<Endpoint, Fault[]>();
  return {
    set: (endpoint, fault) => void (fault === null ? lasting.delete(endpoint) : lasting.set(endpoint, fault)),
    next(endpoint, fault, times) {
      upcoming.set(endpoint, [...(upcoming.get(endpoint) ?? []), ...Array<Fault>(times).fill(fault)]);
    },
    take: (endpoint) => upcoming.get(endpoint)?.shift() ?? lasting.get(endpoint) ?? null,
    clear() {
      lasting.clear();
      upcoming.clear();
    },
  };
}

/** Returns the response of a fault. */
export function answerOf(
  fault: Exclude<Fault, 'lost-answer' | 'refuse'>,
  signal: AbortSignal,
): Promise<Response> {
  if (fault === 'network') return Promise.reject(networkError());
  if (fault === 'timeout') return noResponse(signal);
  if (fault === 'html') return Promise.resolve(html('<title>Welcome to the hotel</title>', 200));
  const { status, retryAfter, body } = fault;
  const headers = retryAfter === undefined ? undefined : { 'Retry-After': String(retryAfter) };
  if (body !== undefined) return Promise.resolve(json(body, status, headers));
  return Promise.resolve(new Response(`Status ${status}`, { status, headers: headers ?? {} }));
}

/** The same error as `fetch` in Chromium. */
export function networkError(): TypeError {
  return new TypeError('Failed to fetch');
}

function noResponse(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
