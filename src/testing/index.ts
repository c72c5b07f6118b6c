import type { HttpHandler } from 'msw';
import type { TestBackend as BackendAlone } from './backend.js';
import { createHandlers } from './handlers.js';
import type { TestBackendOptions } from './options.js';
import { patternsOf } from './paths.js';
import { createTestServer } from './server.js';

export type * from './backend.js';

/** A backend with rotating refresh tokens, for tests and demonstrations. */
export interface TestBackend extends BackendAlone {
  /** The same for msw: `setupServer(...backend.handlers)`, `setupWorker(...backend.handlers)`. Any origin. */
  readonly handlers: HttpHandler[];
}

/**
 * Makes a backend with login, refresh and orders, in the protocol of one of this package's backends. Needs msw;
 * `createTestBackend` of `unexpired/testing/backend` is the same without it.
 * @throws {TypeError | RangeError} naming the option that is wrong.
 */
export function createTestBackend(options: TestBackendOptions = {}): TestBackend {
  const { backend, settings, answer } = createTestServer(options);
  return { ...backend, handlers: createHandlers(patternsOf(settings.paths), answer) };
}
