import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { createSession, type TokenSet, tabs } from '../../src/index.js';
import { fakeClock } from '../support/clock.js';
import { stubEvents } from '../support/stub-page.js';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('a page that enters the back/forward cache during a refresh uses its access token until it expires before it sends the refresh token again', async () => {
  const clock = fakeClock({ timers: true });
  const page = stubEvents();
  let held: TokenSet | null = null;
  const spent: (string | undefined)[] = [];
  const session = createSession({
    backend: {
      readTokens: (body) => body as TokenSet,
      refresh: ({ refreshToken }, { signal }) => {
        spent.push(refreshToken);
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    },
    store: { coordination: tabs('app'), read: () => held, write: (tokens) => void (held = tokens) },
  });
  onTestFinished(() => session.dispose());
  await session.signIn({ accessToken: 'a', refreshToken: 'r', expiresAt: Date.now() + 40_000 });
  await clock.tick(32_000);
  expect(await session.getAccessToken()).toBe('a'); // this call refreshes in the background
  await clock.pass(100);
  for (const type of ['pagehide', 'pageshow'])
    page.dispatchEvent(Object.assign(new Event(type), { persisted: true }));
  await clock.pass(100);
  expect(await session.getAccessToken()).toBe('a');
  await clock.pass(100);
  expect(spent).toEqual(['r']);

  await clock.tick(8_000);
  void session.getAccessToken().catch(() => {});
  await clock.pass(100);
  expect(spent).toEqual(['r', 'r']);
});
