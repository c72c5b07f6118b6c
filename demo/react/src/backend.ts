import { setupWorker } from 'msw/browser';
import { useSyncExternalStore } from 'react';
import { createTestBackend } from 'unexpired/testing';

const ORDERS = [
  { id: 1042, what: 'Espresso machine', price: 349 },
  { id: 1043, what: 'Coffee beans, 5 kg', price: 92 },
  { id: 1044, what: 'Cups, a dozen', price: 48 },
];

/** A server with rotating refresh tokens. It runs in this page. */
const server = createTestBackend({
  users: [{ username: 'kevin', password: 'open-sesame', id: 'kevin' }],
  accessLifetime: 20_000,
  refreshLifetime: 600_000,
  latency: 250,
  orders: () => ({ code: 1006, data: ORDERS }),
  // Not /login, which is a page of this app: the worker also sees the requests for pages.
  paths: { login: '/api/login/' },
});

const worker = setupWorker(...server.handlers);

export async function startBackend(): Promise<void> {
  const serviceWorker = { url: `${import.meta.env.BASE_URL}mockServiceWorker.js` };
  await worker.start({ serviceWorker, quiet: true, onUnhandledFrame: 'bypass' });
}

/** The server's counters as text. */
export function useCounted(): string {
  return useSyncExternalStore(
    subscribe,
    () => `${server.stats.requests} calls, ${server.stats.refreshes} refreshes`,
  );
}

function subscribe(changed: () => void): () => void {
  const controller = new AbortController();
  worker.events.on('response:mocked', changed, { signal: controller.signal });
  return () => controller.abort();
}

export const expireToken = () => server.expireAccessTokens();
export const signOutElsewhere = () => server.revoke();
