import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, onTestFinished, vi } from 'vitest';
import {
  type Backend,
  createSession,
  oauth2Backend,
  type Session,
  type TokenSet,
  type TokenStore,
  tabs,
} from '../../src/index.js';
import { type Recorder, type RecordOptions, record } from '../../src/recorder/index.js';
import { fakeClock } from '../support/clock.js';
import { stubEvents } from '../support/stub-page.js';

export const SECOND = 1_000;
export const URL_OF_TOKENS = 'https://api.test/token';
/** 10:01 in the computer's own time zone, so that the texts are the same everywhere. */
export const START: number = new Date(2026, 10, 30, 10, 1, 0).getTime();

export interface Tab {
  session: Session;
  recorder: Recorder;
  /** The lines of the tab's report without the first one. Measured times are replaced with `…`. */
  lines(): string[];
}

export interface OpenOptions extends RecordOptions {
  backend?: Backend;
  store?: TokenStore;
}

/** A browser whose tabs are all in this process, and a token endpoint whose responses the test sets. */
export function useBrowser() {
  let clock: ReturnType<typeof fakeClock>;
  let page: EventTarget;
  let stored: TokenSet | null;
  let name = 0;
  const calls: RequestInit[] = [];
  let answer: () => Response | Promise<Response>;

  beforeEach(() => {
    clock = fakeClock({ timers: true, now: START });
    page = stubEvents();
    stored = null;
    name++;
    calls.length = 0;
    vi.stubGlobal('indexedDB', new IDBFactory());
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
      calls.push(init);
      return answer();
    });
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  /** The store that the tabs share, with their coordination. */
  const sharedStore = (): TokenStore => ({
    read: () => stored,
    write: (tokens) => void (stored = tokens),
    coordination: tabs(`app ${name}`),
  });

  /** A store that only one tab sees, like sessionStorage. */
  const ownStore = (held: TokenSet | null = null): TokenStore => {
    let own = held;
    return { read: () => own, write: (tokens) => void (own = tokens) };
  };

  function open({ backend, store, ...options }: OpenOptions = {}): Tab {
    const session = createSession({
      backend: backend ?? oauth2Backend({ url: URL_OF_TOKENS, clientId: 'app' }),
      store: store ?? sharedStore(),
    });
    const recorder = record(session, options);
    onTestFinished(() => session.dispose());
    return { session, recorder, lines: () => linesOf(recorder) };
  }

  return {
    open,
    ownStore,
    calls,
    page: () => page,
    pass: (ms: number) => clock.pass(ms),
    through: <T>(work: Promise<T>) => clock.through(work),
    set: (ms: number) => clock.set(ms),
    answerWith: (next: () => Response | Promise<Response>) => void (answer = next),
  };
}

function linesOf(recorder: Recorder): string[] {
  const lines = recorder.report().text.split('\n').slice(1);
  return lines.map((line) => line.replace(/ (after|in) \d+ ms/g, ' $1 … ms'));
}

export const tokensOf = (number: number, seconds = 600) => ({
  access_token: `access-${number}`,
  refresh_token: `refresh-${number}`,
  expires_in: seconds,
});
