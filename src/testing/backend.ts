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
 * Makes a backend with login, refresh and orders, in the protocol of one of this package's backends. Needs nothing else
 * installed; `createTestBackend` of `unexpired/testing` is the same with handlers for msw.
 * @throws {TypeError | RangeError} naming the option that is wrong.
 */
export function createTestBackend(options: TestBackendOptions = {}): TestBackend {
  return createTestServer(options).backend;
}
