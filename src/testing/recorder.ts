import type { Answer } from './answers.js';
import type { Endpoint } from './options.js';

/** The server's counters since the start or the last `reset`. */
export interface TestBackendStats {
  /** Requests that reached the server, for all endpoints. */
  readonly requests: number;
  /** Logins that succeeded. */
  readonly logins: number;
  /** Logins that were refused or failed. */
  readonly loginFailures: number;
  /** Refreshes that succeeded. */
  readonly refreshes: number;
  /** Refreshes that were refused or failed. */
  readonly refreshFailures: number;
  /** Requests to the API that were answered. */
  readonly ordersOk: number;
  /** Requests to the API that were refused because of their token. */
  readonly ordersRefused: number;
  /** Logout requests that succeeded. */
  readonly logouts: number;
  /** Logout requests that were refused or failed. */
  readonly logoutFailures: number;
  /** Refresh tokens that were used again after rotation. */
  readonly reuses: number;
  /** The highest number of refreshes in progress at the same time. */
  readonly refreshesAtOnce: number;
}

/** One request that the server has processed. Contains no token. */
export interface TestBackendCall {
  /** ms since the epoch, on the server's clock. */
  readonly time: number;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly path: string;
  /** The status of the response; 0 if `orders` returned `undefined`. */
  readonly status: number;
}

export interface Recorder {
  readonly stats: TestBackendStats;
  readonly log: TestBackendCall[];
  /** A request has reached the server. */
  begin(endpoint: Endpoint): void;
  /** The server has processed a request. `reuses` is the server's total so far. */
  record(call: Omit<TestBackendCall, 'status'>, answer: Answer, reuses: number): void;
  /** The response was sent, or its caller has aborted. */
  end(endpoint: Endpoint): void;
  clear(): void;
}

type Counters = { -readonly [Name in keyof TestBackendStats]: number };

const COUNTERS: Record<Endpoint, readonly [ok: keyof Counters, failed: keyof Counters]> = {
  login: ['logins', 'loginFailures'],
  refresh: ['refreshes', 'refreshFailures'],
  order: ['ordersOk', 'ordersRefused'],
  logout: ['logouts', 'logoutFailures'],
};

export function createRecorder(): Recorder {
  const stats = zero();
  const log: TestBackendCall[] = [];
  let refreshing = 0;
  return {
    stats,
    log,
    begin(endpoint) {
      stats.requests++;
      if (endpoint === 'refresh') stats.refreshesAtOnce = Math.max(stats.refreshesAtOnce, ++refreshing);
    },
    record(call, { accepted, response }, reuses) {
      stats[COUNTERS[call.endpoint][accepted ? 0 : 1]]++;
      stats.reuses = reuses;
      log.push({ ...call, status: response?.status ?? 0 });
    },
    end(endpoint) {
      if (endpoint === 'refresh') refreshing--;
    },
    clear() {
      log.length = 0;
      Object.assign(stats, zero());
    },
  };
}

function zero(): Counters {
  const names = ['requests', ...Object.values(COUNTERS).flat(), 'reuses', 'refreshesAtOnce'];
  return Object.fromEntries(names.map((name) => [name, 0])) as unknown as Counters;
}
