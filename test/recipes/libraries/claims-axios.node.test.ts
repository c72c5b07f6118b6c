import axios, { type AxiosError, type AxiosInstance } from 'axios';
import { setupCache } from 'axios-cache-interceptor';
import axiosRetry from 'axios-retry';
import { HttpResponse, http } from 'msw';
import { createMemoryRouter, redirect } from 'react-router';
import * as rax from 'retry-axios';
import { describe, expect } from 'vitest';
import { network } from '#network';
import guide from '../../../docs/libraries.md?raw';
import reactGuide from '../../../docs/react.md?raw';
import { attachSession } from '../../../src/clients/axios.js';
import { outcome } from '../../support/app.js';
import { claimsOf } from '../../support/claims.js';
import { createHandmade, ECHO, staleTokensOf, tokenOf } from '../../support/handmade.js';
import { mockNetwork } from '../../support/mock-network.js';
import { usersSeen } from '../../support/other-user.js';

mockNetwork();

/** docs/libraries.md says these sentences about libraries around axios. */
const claim = claimsOf(guide);

describe('axios-retry and retry-axios', () => {
  const libraries: [string, (api: AxiosInstance) => void][] = [
    ['axios-retry', (api) => axiosRetry(api, { retries: 1 })],
    [
      'retry-axios',
      (api) => {
        api.defaults.raxConfig = { retry: 1, retryDelay: 1, backoffType: 'static' } as never;
        rax.attach(api as never);
      },
    ],
  ];

  claim(
    'Both work without changes. A retry is a new request, and gets a token that is valid at that time.',
    async () => {
      for (const [, install] of libraries) {
        const { api, session } = createHandmade();
        install(api);
        const tokens: (string | null)[] = [];
        network.use(
          http.get(ECHO, async ({ request }) => {
            tokens.push(request.headers.get('authorization'));
            // The token is replaced before the library tries again.
            await session.signIn({ accessToken: tokenOf('alice', tokens.length) });
            return HttpResponse.json({}, { status: tokens.length > 1 ? 200 : 503 });
          }),
        );
        await session.signIn({ accessToken: tokenOf('alice') });
        await api.get(ECHO);
        expect(tokens).toEqual([`Bearer ${tokenOf('alice')}`, `Bearer ${tokenOf('alice', 1)}`]);
      }
    },
  );
});

describe('axios-cache-interceptor', () => {
  claim('If you attach it before, even a response from the cache waits for a token.', async () => {
    const app = createHandmade();
    const api = axios.create();
    attachSession(api, app.session, { origins: [new URL(ECHO).origin] });
    const cached = setupCache(api);
    await app.session.signIn({ accessToken: tokenOf('alice') });
    await cached.get(ECHO);
    await app.session.signIn(staleTokensOf('alice'));
    let isAnswered = false;
    const answer = cached.get(ECHO).then(() => (isAnswered = true));
    await app.refreshesBegun(1);
    expect(isAnswered).toBe(false);
    app.refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
    await answer;
    expect(app.seen.length).toBe(1);
  });
});

describe('a rejected axios request that is sent again', () => {
  claim(
    'it rejects again, and is not sent to the server. If Alice has signed in again, it is sent.',
    async () => {
      const app = createHandmade();
      await app.session.signIn(staleTokensOf('alice'));
      const waiting = outcome(app.api.post(ECHO, 'tea'));
      await app.refreshesBegun(1);
      await app.session.signIn({ accessToken: tokenOf('bob') });
      const { config } = (await waiting) as AxiosError;
      await outcome(app.api.request(config!));
      expect(usersSeen(app)).toEqual([]);
      await app.session.signIn({ accessToken: tokenOf('alice', 1) });
      await app.api.request(config!);
      expect(usersSeen(app)).toEqual(['POST alice']);
    },
  );
});

describe('React Router, in docs/react.md', () => {
  const claim = claimsOf(reactGuide);

  /** A protected page below a route with a guard. Returns whether its loader ran. */
  async function open(guard: object): Promise<boolean> {
    let isLoaded = false;
    const loader = () => {
      isLoaded = true;
      return null;
    };
    const router = createMemoryRouter([
      { path: '/login' },
      { path: '/', ...guard, children: [{ index: true, loader }] },
    ]);
    await expect.poll(() => router.state.location.pathname).toBe('/login');
    router.dispose();
    return isLoaded;
  }
  const guard = () => {
    throw redirect('/login');
  };

  claim('A `middleware` runs before every loader below it.', async () => {
    expect(await open({ middleware: [guard] })).toBe(false);
  });

  claim(
    'A guard in the loader of a parent route does not work, because React Router runs loaders in parallel.',
    async () => {
      expect(await open({ loader: guard })).toBe(true);
    },
  );
});
