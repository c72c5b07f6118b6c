import ky from 'ky';
import { ofetch } from 'ofetch';
import { describe, expect, it } from 'vitest';
import wretch from 'wretch';
import { retry } from 'wretch/middlewares';
import { isSessionError, type SessionErrorCode } from '../../src/index.js';
import { outcome } from '../support/app.js';
import { createHandmade, ECHO, type HandmadeApp, staleTokensOf, tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

/** Libraries that repeat failed requests, with their defaults. */
const clients: [string, (fetch: typeof globalThis.fetch) => Promise<unknown>][] = [
  ['ky', (fetch) => ky.get(ECHO, { fetch, retry: { delay: () => 1 } }).json()],
  ['ofetch', (fetch) => ofetch.create({}, { fetch })(ECHO)],
  [
    'wretch',
    (fetch) =>
      wretch(ECHO)
        .polyfills({ fetch })
        .middlewares([retry({ delayTimer: 1 })])
        .get()
        .json(),
  ],
  [
    'wretch on network errors, unless aborted',
    (fetch) =>
      wretch(ECHO)
        .polyfills({ fetch })
        .middlewares([
          retry({
            delayTimer: 1,
            retryOnNetworkError: true,
            until: (response, error) => !!response?.ok || error?.name === 'AbortError',
          }),
        ])
        .get()
        .json(),
  ],
];

/** What happens to alice's session while her request waits. */
const changes: [SessionErrorCode, (app: HandmadeApp) => unknown][] = [
  ['session_changed', ({ session }) => session.signIn({ accessToken: tokenOf('bob') })],
  ['signed_out', ({ session }) => session.signOut()],
  [
    'refresh_rejected',
    ({ refreshes }) =>
      refreshes[0]!.reject(
        Object.assign(new Error('no'), { name: 'SessionError', code: 'refresh_rejected' }),
      ),
  ],
];

describe.each(clients)('%s over session fetch', (_, get) => {
  it.each(changes)(
    'does not repeat a request whose user is no longer signed in: %s',
    async (code, change) => {
      const app = createHandmade();
      await app.session.signIn(staleTokensOf('alice'));
      const waiting = outcome(get(app.call));
      await app.refreshesBegun(1);
      await change(app);
      const error = (await waiting) as Error;
      expect(isSessionError(isSessionError(error) ? error : error.cause, code)).toBe(true);
      expect(app.seen).toEqual([]);
    },
  );
});

describe('session fetch', () => {
  it('rejects a request whose user is no longer signed in as aborted, without a token in the error', async () => {
    const { call, session, refreshesBegun } = createHandmade();
    await session.signIn(staleTokensOf('alice'));
    const waiting = outcome(call(ECHO));
    await refreshesBegun(1);
    await session.signOut();
    const error = (await waiting) as Error;
    expect(error).toMatchObject({ name: 'AbortError', code: 'signed_out' });
    expect(JSON.stringify(error)).not.toContain(tokenOf('alice'));
  });

  it('rejects a temporary fault as a SessionError, which may be repeated', async () => {
    const { call, session, refreshes, refreshesBegun } = createHandmade();
    await session.signIn(staleTokensOf('alice'));
    const waiting = outcome(call(ECHO));
    await refreshesBegun(1);
    refreshes[0]!.reject(new Error('down'));
    expect(await waiting).toMatchObject({ name: 'SessionError', code: 'refresh_unavailable' });
  });
});

it.each([
  ['the abort of a fetch', new DOMException('aborted', 'AbortError')],
  [
    "an abort in Node's own APIs",
    Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' }),
  ],
  ['nothing', undefined],
])('%s is not a session error', (_, error) => {
  expect(isSessionError(error)).toBe(false);
});
