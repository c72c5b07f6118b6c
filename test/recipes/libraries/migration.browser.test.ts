import axios, { type InternalAxiosRequestConfig } from 'axios';
import { type AxiosAuthRefreshRequestConfig, createAuthRefresh } from 'axios-auth-refresh';
import { applyAuthTokenInterceptor, clearAuthTokens, isLoggedIn, setAuthTokens } from 'axios-jwt';
import { HttpResponse, http } from 'msw';
import { afterEach, describe, expect, onTestFinished } from 'vitest';
import { network } from '#network';
import guide from '../../../docs/migration.md?raw';
import { createSession, localStorageStore, type TokenSet } from '../../../src/index.js';
import { ORIGIN, outcome } from '../../support/app.js';
import { claimsOf } from '../../support/claims.js';
import { tokenOf } from '../../support/handmade.js';
import { mockNetwork } from '../../support/mock-network.js';

mockNetwork();

/** docs/migration.md says these sentences about the libraries that it replaces. */
const claim = claimsOf(guide);
const ALICE = { accessToken: tokenOf('alice'), refreshToken: 'refresh-alice' };

afterEach(() => localStorage.clear());

describe('axios-jwt', () => {
  // axios-jwt stores nothing without an interceptor.
  applyAuthTokenInterceptor(axios.create(), { requestRefresh: async () => '' });
  const storedKey = () => Object.keys(localStorage).find((key) => key.startsWith('auth-tokens-'));

  claim(
    'axios-jwt stores `{ accessToken, refreshToken }` as JSON under the key `auth-tokens-production` (the last part is the value of `NODE_ENV`).',
    async () => {
      await setAuthTokens(ALICE);
      expect(JSON.parse(localStorage.getItem(storedKey()!)!)).toEqual(ALICE);
    },
  );

  claim('A store with the same key uses these tokens as they are:', async () => {
    await setAuthTokens(ALICE);
    const session = createSession({
      backend: {
        readTokens: (body) => body as TokenSet,
        refresh: () => Promise.reject(new Error('offline')),
      },
      store: localStorageStore({ key: storedKey()! }),
    });
    onTestFinished(() => session.dispose());
    await session.ready;
    expect(await session.getAccessToken()).toBe(ALICE.accessToken);
  });

  claim('axios-jwt clears the tokens for these two statuses, and keeps them for all others.', async () => {
    for (const [status, isKept] of [
      [401, false],
      [422, false],
      [400, true],
      [500, true],
    ] as const) {
      network.use(http.post(`${ORIGIN}/auth/refresh_token`, () => HttpResponse.json({}, { status })));
      const api = axios.create();
      applyAuthTokenInterceptor(api, {
        requestRefresh: async (token) => (await axios.post(`${ORIGIN}/auth/refresh_token`, { token })).data,
      });
      await setAuthTokens(ALICE); // without `exp`, so it counts as expired
      await outcome(api.get(`${ORIGIN}/order/`));
      expect([status, await isLoggedIn()]).toEqual([status, isKept]);
      await clearAuthTokens();
    }
  });
});

describe('axios-auth-refresh', () => {
  claim(
    'The code of the callback moves to `refresh`. You no longer need the request interceptor.',
    async () => {
      // As on the page, the callback sets the header only for the failed request, so later requests need an
      // interceptor.
      const api = axios.create();
      const seen: (string | null)[] = [];
      network.use(
        http.get(`${ORIGIN}/order/`, ({ request }) => {
          seen.push(request.headers.get('authorization'));
          return HttpResponse.json({}, { status: seen.length === 1 ? 401 : 200 });
        }),
      );
      createAuthRefresh(
        api,
        async (failed) => {
          failed.response!.config.headers.Authorization = 'Bearer new';
        },
        { statusCodes: [401, 403] },
      );
      await api.get(`${ORIGIN}/order/`);
      await api.get(`${ORIGIN}/order/`);
      expect(seen).toEqual([null, 'Bearer new', null]);
    },
  );

  claim('becomes a backend.', () => {
    const names = { statusCodes: [401], shouldRefresh: () => true, retryInstance: axios.create() };
    const others = {
      interceptNetworkError: true,
      deduplicateRefresh: true,
      onRetry: (config: InternalAxiosRequestConfig) => config,
    };
    // These options, and the option of a request, exist: this compiles.
    createAuthRefresh(axios.create(), async () => {}, { ...names, ...others });
    void ({ skipAuthRefresh: true } satisfies AxiosAuthRefreshRequestConfig);
    for (const name of Object.keys({ ...names, ...others, skipAuthRefresh: true }))
      expect(guide).toContain(`\`${name}`);
  });
});
