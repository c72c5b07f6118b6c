import type { HttpHandler } from 'msw';
import { type Answer, EnvelopeProtocol } from './envelope.js';
import { answerOf, createFaults, type Fault, networkError } from './faults.js';
import { Grants } from './grants.js';
import { createHandlers } from './handlers.js';
import {
  type Endpoint,
  readTestOptions,
  type TestBackendOptions,
  type TestBackendSettings,
  type TestUser,
} from './options.js';

/** What the server has counted since it was made, or reset. */
export interface TestBackendStats {
  /** Calls that reached the server, to whatever endpoint. */
  readonly requests: number;
  readonly logins: number;
  readonly loginFailures: number;
  readonly refreshes: number;
  readonly refreshFailures: number;
  readonly ordersOk: number;
  readonly ordersRefused: number;
  /** Spent refresh tokens that came back. */
  readonly reuses: number;
  /** The most refreshes that were under way at one time. */
  readonly refreshesAtOnce: number;
}

/** One call that reached the server. Holds no token. */
export interface TestBackendCall {
  /** ms since the epoch, by the server's clock. */
  readonly time: number;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly status: number;
}

/** A backend with rotating refresh tokens, for tests and demonstrations. */
export interface TestBackend {
  /** Answers as the server would; rejects as `fetch` does where a fault says so. */
  fetch(request: Request): Promise<Response>;
  /** The same for msw: `setupServer(...backend.handlers)`, `setupWorker(...backend.handlers)`. Any origin. */
  readonly handlers: HttpHandler[];
  readonly stats: TestBackendStats;
  /** Every call since the start, or the last `reset`, the latest last. */
  readonly log: readonly TestBackendCall[];
  /** Changes options while it runs: lifetimes, latency, clock. What is out stays as it is. */
  configure(options: Partial<TestBackendOptions>): void;
  /** Every access token that is out is refused as expired from now on. */
  expireAccessTokens(): void;
  /** Ends the sessions of one user, or of all: their tokens are refused from now on. */
  revoke(userId?: TestUser['id']): void;
  /** Fails every call to an endpoint until it is told `null`. */
  fail(endpoint: Endpoint, fault: Fault | null): void;
  /** Fails the next call, or the next `times` calls. */
  failNext(endpoint: Endpoint, fault: Fault, times?: number): void;
  /** As new: no sessions, no faults, counters at zero. */
  reset(): void;
}

type Counters = { -readonly [Name in keyof TestBackendStats]: number };

const COUNTERS: Record<Endpoint, readonly [ok: keyof Counters, failed: keyof Counters]> = {
  login: ['logins', 'loginFailures'],
  refresh: ['refreshes', 'refreshFailures'],
  order: ['ordersOk', 'ordersRefused'],
};

/**
 * Makes a backend that speaks the protocol of `envelopeBackend`: login, refresh and orders.
 * @throws {TypeError | RangeError} naming the option that is wrong.
 */
export function createTestBackend(options: TestBackendOptions = {}): TestBackend {
  const settings = readTestOptions(options);
  const faults = createFaults();
  const log: TestBackendCall[] = [];
  const stats = zero();
  let grants = new Grants(settings);
  let refreshing = 0;

  async function serve(endpoint: Endpoint, request: Request): Promise<Response> {
    const fault = faults.take(endpoint);
    if (fault === 'network') throw networkError();
    stats.requests++;
    await delay(latencyOf(settings, endpoint), request.signal);
    const response = record(endpoint, request, await answer(endpoint, request, fault));
    if (fault === 'lost-answer') throw networkError();
    return response;
  }

  async function answer(endpoint: Endpoint, request: Request, fault: Fault | null): Promise<Answer> {
    const protocol = new EnvelopeProtocol(settings, grants);
    if (!fault || fault === 'lost-answer') return protocol.answer(endpoint, request);
    if (fault === 'refuse') return protocol.refuse(endpoint);
    return { accepted: false, response: await answerOf(fault, request.signal) };
  }

  function record(endpoint: Endpoint, { method }: Request, { accepted, response }: Answer): Response {
    stats[COUNTERS[endpoint][accepted ? 0 : 1]]++;
    stats.reuses = grants.reuses;
    log.push({ time: settings.now(), endpoint, method, status: response.status });
    return finish(response, settings);
  }

  async function counted(endpoint: Endpoint, request: Request): Promise<Response> {
    if (endpoint !== 'refresh') return serve(endpoint, request);
    stats.refreshesAtOnce = Math.max(stats.refreshesAtOnce, ++refreshing);
    return serve(endpoint, request).finally(() => refreshing--);
  }

  const backend: Omit<TestBackend, 'handlers'> = {
    async fetch(request) {
      const endpoint = new EnvelopeProtocol(settings, grants).endpointOf(new URL(request.url));
      if (!endpoint) return new Response('Not Found', { status: 404 });
      if (settings.cors && request.method === 'OPTIONS')
        return finish(new Response(null, { status: 204 }), settings);
      return counted(endpoint, request);
    },
    stats,
    log,
    configure: (changes) =>
      void Object.assign(settings, readTestOptions({ ...settings, ...changes } as TestBackendOptions)),
    expireAccessTokens: () => grants.expireAccessTokens(),
    revoke: (userId) => grants.revoke(userId),
    fail: (endpoint, fault) => faults.set(endpoint, fault),
    failNext: (endpoint, fault, times = 1) => faults.next(endpoint, fault, times),
    reset() {
      grants = new Grants(settings);
      faults.clear();
      log.length = 0;
      Object.assign(stats, zero());
    },
  };
  return { ...backend, handlers: createHandlers(settings.paths, backend.fetch) };
}

function zero(): Counters {
  const names = ['requests', ...Object.values(COUNTERS).flat(), 'reuses', 'refreshesAtOnce'];
  return Object.fromEntries(names.map((name) => [name, 0])) as unknown as Counters;
}

/** The headers that the server puts on every answer. */
function finish(response: Response, { date, cors, now, refreshHeader }: TestBackendSettings): Response {
  const headers = new Headers(response.headers);
  if (date) headers.set('Date', new Date(now()).toUTCString());
  if (cors) {
    headers.set('Access-Control-Allow-Origin', '*');
    headers.set('Access-Control-Allow-Headers', `Authorization, Content-Type, ${refreshHeader}`);
    headers.set('Access-Control-Allow-Methods', 'GET, POST, PUT, PATCH, DELETE');
    if (date) headers.set('Access-Control-Expose-Headers', 'Date');
  }
  return new Response(response.body, { status: response.status, headers });
}

function latencyOf({ latency }: TestBackendSettings, endpoint: Endpoint): number {
  return typeof latency === 'number' ? latency : (latency[endpoint] ?? 0);
}

function delay(ms: number, signal: AbortSignal): Promise<void> | undefined {
  if (!ms) return undefined;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
