import axios from 'axios';
import {
  type AnswerView,
  cookieBackend,
  createSession,
  envelopeBackend,
  keepAlive,
  localStorageStore,
  memoryStore,
  type Session,
  type SessionEvent,
  sessionStorageStore,
  sharedMemoryStore,
} from 'unexpired';
import { attachSession } from 'unexpired/axios';
import { type Report, record } from 'unexpired/recorder';

export interface TabResult {
  orders: string[];
  status: Session['status'];
  signedOut: number;
  events: string[];
}

export interface TabPage {
  session: Session;
  logIn(username?: string, password?: string): Promise<void>;
  state(): { status: Session['status']; signedOut: number; events: string[]; claims: Session['claims'] };
  /** Requests three orders at the same time. */
  order(): Promise<TabResult>;
  /** As above, as soon as a tab sends the message. Every tab receives it within a few milliseconds. */
  orderOnSignal(): Promise<TabResult>;
  giveSignal(): void;
  /** With `?dialog`: the running calls of `reauthenticate`, that is, the open dialogs. */
  dialogs(): number;
  /** With `?record`: the entries of the recorder. */
  report(): Report | undefined;
  /** The promise of a call, to be read later. For drivers that control one tab at a time. */
  begun?: Promise<TabResult>;
}

declare global {
  interface Window {
    tab: TabPage;
  }
}

let signedOut = 0;
let dialogs = 0;
const events: string[] = [];
const options = new URLSearchParams(location.search);
if (options.has('no-locks')) Object.defineProperty(navigator, 'locks', { value: undefined });
if (options.has('no-ledger')) Object.defineProperty(globalThis, 'indexedDB', { value: undefined });

const BACKENDS = {
  envelope: () => envelopeBackend({ url: '/update_token/' }),
  // this server refuses tokens with 403
  cookie: () => ({
    ...cookieBackend({ url: '/cookie/refresh' }),
    refuses: ({ status }: AnswerView) => status === 403,
  }),
};
const STORES = {
  local: localStorageStore,
  memory: memoryStore,
  session: sessionStorageStore,
  shared: sharedMemoryStore,
};

const session = createSession({
  backend: BACKENDS[(options.get('backend') ?? 'envelope') as keyof typeof BACKENDS](),
  store: STORES[(options.get('store') ?? 'local') as keyof typeof STORES](),
  refreshTimeout: Number(options.get('refreshTimeout') ?? 10_000),
  onSignedOut: () => void signedOut++,
  ...(options.has('dialog') && {
    reauthenticate: ({ signal }) =>
      new Promise((_, close) => {
        dialogs++;
        signal.addEventListener('abort', () => {
          dialogs--;
          close(signal.reason);
        });
      }),
  }),
});
const recorder = options.has('record') ? record(session, { survive: true }) : undefined;
if (options.has('keepAlive')) keepAlive(session);
session.subscribe((event: SessionEvent) => events.push(event.type));
const api = axios.create({ baseURL: '/' });
attachSession(api, session, { exclude: ['/login/', '/cookie/login'] });

async function order(): Promise<TabResult> {
  const orders = await Promise.all(
    [1, 2, 3].map(() => api.get('/order/').then(({ status }) => String(status), describe)),
  );
  return { orders, status: session.status, signedOut, events };
}

function describe(error: { code?: string; response?: { status: number } }): string {
  return `${error.response?.status ?? ''} ${error.code}`.trim();
}

async function logIn(username = 'kevin', password = 'open-sesame'): Promise<void> {
  const { data } = await api.post(options.get('backend') === 'cookie' ? '/cookie/login' : '/login/', {
    username,
    password,
  });
  await session.signIn(data);
}

const signal = new BroadcastChannel('signal');

window.tab = {
  session,
  order,
  logIn,
  state: () => ({ status: session.status, signedOut, events, claims: session.claims }),
  orderOnSignal: () =>
    new Promise((resolve) => signal.addEventListener('message', () => resolve(order()), { once: true })),
  report: () => recorder?.report(),
  dialogs: () => dialogs,
  giveSignal: () => signal.postMessage('go'),
};
