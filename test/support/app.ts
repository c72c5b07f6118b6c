import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios';
import { onTestFinished, vi } from 'vitest';
import { network } from '#network';
import { type AttachOptions, attachSession } from '../../src/clients/axios.js';
import {
  createSession,
  type EnvelopeOptions,
  envelopeBackend,
  type Session,
  type SessionEvent,
  type SessionOptions,
} from '../../src/index.js';
import { createTestBackend, type TestBackend, type TestBackendOptions } from '../../src/testing/index.js';
import { ORIGIN } from './origin.js';

export { ORIGIN } from './origin.js';
export { outcome } from './outcome.js';

export const USER = { username: 'kevin', password: 'open-sesame' };

export interface AppOptions {
  server?: TestBackendOptions;
  envelope?: Partial<EnvelopeOptions>;
  session?: Partial<SessionOptions>;
  axios?: CreateAxiosDefaults;
  attach?: AttachOptions;
  /**
   * The page calls the backend directly, without a network: for tests that send hundreds of requests. @default false
   */
  direct?: boolean;
}

export interface App {
  server: TestBackend;
  session: Session;
  api: AxiosInstance;
  events: SessionEvent[];
  detach(): void;
  logIn(user?: { username: string; password: string }): Promise<void>;
  order(): Promise<unknown>;
}

/** An application as a user would write it. msw responds for its backend, unless the page calls it directly. */
export function createApp(options: AppOptions = {}): App {
  const server = createTestBackend({ accessLifetime: 60_000, refreshLifetime: 3_600_000, ...options.server });
  if (options.direct) callDirectly(server);
  else network.use(...server.handlers);
  const session = createSession({
    backend: envelopeBackend({ url: `${ORIGIN}/update_token/`, ...options.envelope }),
    ...options.session,
  });
  const adapter = options.direct && { adapter: 'fetch' as const };
  const api = axios.create({ baseURL: ORIGIN, ...adapter, ...options.axios });
  const detach = attachSession(api, session, { exclude: ['/login/'], ...options.attach });
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  onTestFinished(() => session.dispose());
  return {
    server,
    session,
    api,
    events,
    detach,
    logIn: async (user = USER) => session.signIn((await api.post('/login/', user)).data),
    order: async () => (await api.get('/order/')).data,
  };
}

function callDirectly(server: TestBackend): void {
  vi.stubGlobal('fetch', (...args: Parameters<typeof fetch>) => server.fetch(new Request(...args)));
  onTestFinished(() => void vi.unstubAllGlobals());
}

/** Calls the function `count` times at the same time. */
export function times<T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => act(index)));
}
