import { createSessionFetch, type SessionFetchOptions } from '../../src/clients/fetch.js';
import { type App, type AppOptions, createApp, ORIGIN } from './app.js';

export interface FetchApp extends App {
  call: typeof fetch;
  /** Sends an order with session fetch. */
  fetchOrder(init?: RequestInit): Promise<unknown>;
}

/** The application with session fetch, for an API that is not on the page's own origin. */
export function createFetchApp({
  fetch,
  ...options
}: AppOptions & { fetch?: SessionFetchOptions } = {}): FetchApp {
  const app = createApp(options);
  const call = createSessionFetch(app.session, { origins: [ORIGIN], exclude: ['/login/'], ...fetch });
  return { ...app, call, fetchOrder: async (init) => (await call(`${ORIGIN}/order/`, init)).json() };
}
