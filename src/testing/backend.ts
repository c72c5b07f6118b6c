import type { TestBackend } from './controls.js';
import type { TestBackendOptions } from './options.js';
import { createTestServer } from './server.js';

export type { TestBackend, TestControls } from './controls.js';
export type { Fault } from './faults.js';
export type {
  CookieTestOptions,
  Endpoint,
  EnvelopeTestOptions,
  OAuth2TestOptions,
  SimpleJwtTestOptions,
  TestBackendOptions,
  TestUser,
} from './options.js';
export type { TestBackendCall, TestBackendStats } from './recorder.js';

/**
 * Creates a test backend with a login, a refresh and an API (orders). It speaks the protocol of one of this package's backends.
 * It needs no other package. `createTestBackend` of `unexpired/testing` adds handlers for msw.
 * @throws {TypeError | RangeError} if an option is invalid; the message names the option.
 */
export function createTestBackend(options: TestBackendOptions = {}): TestBackend {
  return createTestServer(options).backend;
}
