import { setupWorker } from 'msw/browser';
import { createTestBackend } from 'unexpired/testing';
import { reactive } from 'vue';

const ORDERS = [
  { id: 1042, what: 'Espresso machine', price: 349 },
  { id: 1043, what: 'Coffee beans, 5 kg', price: 92 },
  { id: 1044, what: 'Cups, a dozen', price: 48 },
];

/** A server with rotating refresh tokens. It runs in this page, so a reload signs the user out. */
const server = createTestBackend({
  users: [{ username: 'kevin', password: 'open-sesame', id: 'kevin' }],
  accessLifetime: 20_000,
  refreshLifetime: 600_000,
  latency: 250,
  orders: () => ({ code: 1006, data: ORDERS }),
  // Not /login, which is a page of this app: the worker also sees the requests for pages.
  paths: { login: '/api/login/' },
});

/** The server's counters. */
export const counted = reactive({ ...server.stats });

export async function startBackend(): Promise<void> {
  const serviceWorker = { url: `${import.meta.env.BASE_URL}mockServiceWorker.js` };
  const worker = setupWorker(...server.handlers);
  worker.events.on('response:mocked', () => void Object.assign(counted, server.stats));
  await worker.start({ serviceWorker, quiet: true, onUnhandledFrame: 'bypass' });
}

export const expireToken = () => server.expireAccessTokens();
export const signOutElsewhere = () => server.revoke();
