import type { Answer } from './answers.js';
import type { Endpoint } from './options.js';

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
  readonly logouts: number;
  readonly logoutFailures: number;
  /** Spent refresh tokens that came back. */
  readonly reuses: number;
  /** The most refreshes that were under way at one time. */
  readonly refreshesAtOnce: number;
}

/** One call that the server has dealt with. Holds no token. */
export interface TestBackendCall {
  /** ms since the epoch, by the server's clock. */
  readonly time: number;
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly path: string;
  /** Of the answer; 0 where `orders` left it to others. */
  readonly status: number;
}

export interface Recorder {
  readonly stats: TestBackendStats;
  readonly log: TestBackendCall[];
  /** A call has reached the server. */
  begin(endpoint: Endpoint): void;
  /** The server has made up its mind; `reuses` is what it has seen of them so far. */
  decide(call: Omit<TestBackendCall, 'status'>, answer: Answer, reuses: number): void;
  /** The answer is out, or its caller is gone. */
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
    decide(call, { accepted, response }, reuses) {
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
