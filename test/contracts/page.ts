import axios from 'axios';
import { attachSession } from '../../src/clients/axios.js';
import {
  createSession,
  envelopeBackend,
  isSessionError,
  oauth2Backend,
  type Session,
  simpleJwtBackend,
} from '../../src/index.js';

const BACKENDS = {
  envelope: (url: string) => envelopeBackend({ url }),
  oauth2: (url: string) => oauth2Backend({ url, clientId: 'app' }),
  simpleJwt: (url: string) => simpleJwtBackend({ url }),
};

export interface Visit {
  backend: keyof typeof BACKENDS;
  /** The refresh endpoint. */
  url: string;
  /** The response to the sign-in. */
  answer: unknown;
  /** The address of an order. */
  order: string;
}

export interface Visited {
  /** Why the refresh failed. */
  error?: string;
  /** The status of an order before the refresh, and of one after it. */
  orders: number[];
  session: Session['status'];
}

declare global {
  interface Window {
    visit(visit: Visit): Promise<Visited>;
  }
}

/** A page from another origin than its servers: it signs in, orders, refreshes, and orders again. */
window.visit = async ({ backend, url, answer, order }) => {
  const session = createSession({ backend: BACKENDS[backend](url) });
  const api = axios.create({ baseURL: new URL(order).origin });
  attachSession(api, session);
  await session.signIn(answer);
  const { status } = await api.get(order);
  const error = await session.refresh().catch((reason) => reason);
  const again = await api.get(order);
  const told = isSessionError(error) && { error: `${error.code}: ${error.message}` };
  return { ...told, orders: [status, again.status], session: session.status };
};
