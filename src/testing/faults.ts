import { html, json } from './answers.js';
import type { Endpoint } from './options.js';

/** What can go wrong with a call. */
export type Fault =
  /** It never reaches the server: `fetch` rejects. */
  | 'network'
  /** The server does what was asked, and the answer is lost: `fetch` rejects. */
  | 'lost-answer'
  /** No answer ever comes; the call ends when its signal aborts. */
  | 'timeout'
  /** The token, or the password, is refused, good as it may be. */
  | 'refuse'
  /** A captive portal answers: HTML with status 200. */
  | 'html'
  /** A status instead of an answer, with a `Retry-After` (seconds, or an HTTP date) and a JSON `body` if they are given. */
  | { status: number; retryAfter?: number | string; body?: unknown };

export interface Faults {
  /** Fails every call to an endpoint; `null` mends it. */
  set(endpoint: Endpoint, fault: Fault | null): void;
  /** Fails the next calls to an endpoint. */
  next(endpoint: Endpoint, fault: Fault, times: number): void;
  /** The fault that a call meets now. */
  take(endpoint: Endpoint): Fault | null;
  clear(): void;
}

export function createFaults(): Faults {
  const lasting = new Map<Endpoint, Fault>();
  const passing = new Map<Endpoint, Fault[]>();
  return {
    set: (endpoint, fault) => void (fault === null ? lasting.delete(endpoint) : lasting.set(endpoint, fault)),
    next(endpoint, fault, times) {
      passing.set(endpoint, [...(passing.get(endpoint) ?? []), ...Array<Fault>(times).fill(fault)]);
    },
    take: (endpoint) => passing.get(endpoint)?.shift() ?? lasting.get(endpoint) ?? null,
    clear() {
      lasting.clear();
      passing.clear();
    },
  };
}

/** What a fault answers in the server's stead. */
export function answerOf(
  fault: Exclude<Fault, 'lost-answer' | 'refuse'>,
  signal: AbortSignal,
): Promise<Response> {
  if (fault === 'network') return Promise.reject(networkError());
  if (fault === 'timeout') return silence(signal);
  if (fault === 'html') return Promise.resolve(html('<title>Welcome to the hotel</title>', 200));
  const { status, retryAfter, body } = fault;
  const headers = retryAfter === undefined ? undefined : { 'Retry-After': String(retryAfter) };
  if (body !== undefined) return Promise.resolve(json(body, status, headers));
  return Promise.resolve(new Response(`Status ${status}`, { status, headers: headers ?? {} }));
}

/** As `fetch` has it. */
export function networkError(): TypeError {
  return new TypeError('Failed to fetch');
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });
}
