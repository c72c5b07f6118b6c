import type { Fault } from './faults.js';
import type { ChangeableOptions, Endpoint, TestUser } from './options.js';
import type { TestBackendCall, TestBackendStats } from './recorder.js';

/** What a test does to a backend, and asks of it. */
export interface TestControls {
  readonly stats: TestBackendStats;
  /** Every call since the start, or the last `reset`, the latest last. */
  readonly log: readonly TestBackendCall[];
  /**
   * Signs a user in, by default the first, without a call: what a login would have answered, for `session.signIn`.
   * @throws {TypeError} if there is no such user.
   */
  issueTokens(username?: string): Record<string, unknown>;
  /**
   * Changes options while it runs: lifetimes, latency, clock. What is out stays as it is.
   * @throws {TypeError | RangeError} naming the option that is wrong, or cannot be changed.
   */
  configure(options: ChangeableOptions): void;
  /** Every access token that is out is refused as expired from now on. */
  expireAccessTokens(): void;
  /** Ends the sessions of one user, or of all, as a sign-out on another device does: their tokens are refused. */
  revoke(userId?: TestUser['id']): void;
  /** Fails every call to an endpoint until it is told `null`. */
  fail(endpoint: Endpoint, fault: Fault | null): void;
  /** Fails the next call, or the next `times` calls. */
  failNext(endpoint: Endpoint, fault: Fault, times?: number): void;
  /** Holds back the answers of an endpoint; the server does what it is asked. Returns what lets them go. */
  hold(endpoint: Endpoint): () => void;
  /**
   * Resolves when the server has dealt with a call to an endpoint, or with `count` of them, since the start or the last
   * `reset`; at once if it has. Its answer may be held back still. Rejects if there is a `reset` meanwhile.
   */
  called(endpoint: Endpoint, count?: number): Promise<void>;
  /** As new: no sessions, no faults, nothing held, counters at zero. Options stay. */
  reset(): void;
}

/** A backend with rotating refresh tokens, for tests and demonstrations. */
export interface TestBackend extends TestControls {
  /** Answers as the server would; rejects as `fetch` does where a fault says so. */
  fetch(request: Request): Promise<Response>;
}
