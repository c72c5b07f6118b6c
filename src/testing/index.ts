import type { HttpHandler } from 'msw';
import type { TestBackend as BackendAlone } from './backend.js';
import { createHandlers } from './handlers.js';
import type { TestBackendOptions } from './options.js';
import { patternsOf } from './paths.js';
import { createTestServer } from './server.js';

export type * from './backend.js';

/** A backend with rotating refresh tokens, for tests and demos. */
export interface TestBackend extends BackendAlone {
  /** Handlers for msw, for any origin: `setupServer(...backend.handlers)` or `setupWorker(...backend.handlers)`. */
  readonly handlers: HttpHandler[];
}

/**
 * Creates a test backend with a login, a refresh and an API (orders). It speaks the protocol of one of this package's backends.
 * It needs msw; `createTestBackend` of `unexpired/testing/backend` does not.
 * @throws {TypeError | RangeError} if an option is invalid; the message names the option.
 */
export function createTestBackend(options: TestBackendOptions = {}): TestBackend {
  const { backend, settings, answer } = createTestServer(options);
  return { ...backend, handlers: createHandlers(patternsOf(settings.paths), answer) };
}
