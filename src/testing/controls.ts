import type { Fault } from './faults.js';
import type { ChangeableOptions, Endpoint, TestUser } from './options.js';
import type { TestBackendCall, TestBackendStats } from './recorder.js';

/** Controls a test backend, and shows what it has processed. */
export interface TestControls {
  readonly stats: TestBackendStats;
  /** All requests since the start or the last `reset`, oldest first. */
  readonly log: readonly TestBackendCall[];
  /**
   * Signs a user in without a request, by default the first user. Pass the result to `session.signIn`: it is a login
   * response.
   * @throws {TypeError} if the backend has no user with this name.
   */
  issueTokens(username?: string): Record<string, unknown>;
  /**
   * Changes options while the backend runs, such as lifetimes, latency and clock. Tokens that were already issued do not change.
   * @throws {TypeError | RangeError} if an option is invalid, or cannot change; the message names the option.
   */
  configure(options: ChangeableOptions): void;
  /** Rejects all access tokens issued so far as expired. */
  expireAccessTokens(): void;
  /** Ends the sessions of one user, or of all users, like a sign-out on another device. Their tokens are rejected. */
  revoke(userId?: TestUser['id']): void;
  /** Fails all requests to an endpoint. `null` ends that. @throws {TypeError} if the endpoint or the fault is unknown */
  fail(endpoint: Endpoint, fault: Fault | null): void;
  /** Fails the next request to an endpoint, or the next `times` requests. @throws as `fail` does */
  failNext(endpoint: Endpoint, fault: Fault, times?: number): void;
  /** Holds back the responses of an endpoint; the server still processes requests. Returns a function that releases them. @throws as `fail` does */
  hold(endpoint: Endpoint): () => void;
  /**
   * Resolves when the server has processed `count` requests to an endpoint (default: one) since the start or the last `reset`;
   * immediately if it already has. The response may still be held back. Rejects if `reset` is called first. @throws as `fail` does
   */
  called(endpoint: Endpoint, count?: number): Promise<void>;
  /** Removes all sessions and faults, releases held responses, and sets the counters to zero. Options do not change. */
  reset(): void;
}

/** A backend with rotating refresh tokens, for tests and demos. */
export interface TestBackend extends TestControls {
  /** Answers a request like the real server. For a network fault it rejects, like `fetch`. */
  fetch(request: Request): Promise<Response>;
}
