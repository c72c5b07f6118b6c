import { setupServer } from 'msw/node';
import type { Session } from '../../src/index.js';
import { createTestBackend as createAlone } from '../../src/testing/backend.js';
import { createTestBackend, type Fault, type TestBackendOptions } from '../../src/testing/index.js';

declare const session: Session;

// Correct use.

const backend = createTestBackend();
setupServer(...backend.handlers);
void session.signIn(backend.issueTokens('kevin'));
const release: () => void = backend.hold('refresh');
const called: Promise<void> = backend.called('refresh', 2);
backend.failNext('refresh', { status: 400, body: { error: 'invalid_client' } });
backend.configure({ accessLifetime: 1_000, csrf: { cookie: 'csrftoken', header: 'X-CSRFToken' } });
export const counted: number = backend.stats.refreshes;
export { called, release };

createTestBackend({ protocol: 'envelope', tokenFrom: 'query', timeZone: 'Asia/Shanghai' });
createTestBackend({ protocol: 'oauth2', clientId: 'app', opaque: false });
createTestBackend({ protocol: 'simple-jwt', rotation: 'single-use' });
createTestBackend({ protocol: 'cookie', cookie: 'sid', cookieJar: false });
createTestBackend({
  paths: { order: '/api/*' },
  orders: async (request, userId) => [await request.text(), userId],
});

// Options that are chosen at run time.
declare const options: TestBackendOptions;
createTestBackend({ ...options, latency: { refresh: 20 } });

// Incorrect use.

// @ts-expect-error: no such protocol
createTestBackend({ protocol: 'saml' });
// @ts-expect-error: simplejwt reads the refresh token from the body
createTestBackend({ protocol: 'simple-jwt', refreshHeader: 'X-Refresh' });
// @ts-expect-error: its access tokens are not opaque
createTestBackend({ protocol: 'simple-jwt', opaque: true });
// @ts-expect-error: only OAuth 2.0 has clients
createTestBackend({ protocol: 'cookie', clientId: 'app' });
// @ts-expect-error: the default protocol is the envelope, which has no cookies
createTestBackend({ cookieJar: false });
// @ts-expect-error: the header is missing
createTestBackend({ protocol: 'cookie', csrf: { cookie: 'csrftoken' } });
// @ts-expect-error: the protocol cannot change
backend.configure({ protocol: 'oauth2' });
// @ts-expect-error: the paths cannot change either, because the handlers depend on them
backend.configure({ paths: { order: '/v2/order/' } });
// @ts-expect-error: no such endpoint
backend.fail('register', 'network');
// @ts-expect-error: no such fault
backend.fail('refresh', 'offline');
// @ts-expect-error: the counters are read-only
backend.stats.refreshes = 0;
// @ts-expect-error: the log is read-only
backend.log.push({ time: 0, endpoint: 'order', method: 'GET', path: '/', status: 200 });
// @ts-expect-error: it takes a Request, not a URL
backend.fetch('https://api.test/order/');
// @ts-expect-error: without msw there are no handlers
createAlone().handlers;

// @ts-expect-error: a status is a number
export const fault: Fault = { status: '503' };
