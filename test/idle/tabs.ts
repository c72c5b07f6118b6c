import { IDBFactory } from 'fake-indexeddb';
import { afterEach, beforeEach, onTestFinished, vi } from 'vitest';
import {
  type IdleEvent,
  type IdleWarning,
  type IdleWatch,
  type WatchIdleOptions,
  watchIdle,
} from '../../src/idle/index.js';
import {
  createSession,
  type Session,
  type SessionEvent,
  type TokenSet,
  type TokenStore,
  tabs,
} from '../../src/index.js';
import { fakeClock } from '../support/clock.js';
import { stubEvents } from '../support/stub-page.js';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const START: number = Date.parse('2026-11-24T08:00:00.000Z');

/** `undefined`: the same as a missing option. */
type Options = { [Name in keyof WatchIdleOptions]?: WatchIdleOptions[Name] | undefined };

/** A browser with one session in any number of tabs, which are all in this process. */
export function useBrowser() {
  let page: EventTarget;
  let stored: TokenSet | null = null;
  let listeners: Set<() => void>;
  let clock: ReturnType<typeof fakeClock>;
  let name = 0;

  beforeEach(() => {
    clock = fakeClock({ timers: true, now: START });
    page = stubEvents();
    vi.stubGlobal('indexedDB', new IDBFactory());
    stored = null;
    listeners = new Set();
    name++;
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  const store = (): TokenStore => {
    const own = { changed: () => {} };
    return {
      read: () => stored,
      write(tokens) {
        stored = tokens;
        for (const changed of listeners) if (changed !== own.changed) setTimeout(changed);
      },
      subscribe(changed) {
        own.changed = changed;
        listeners.add(changed);
        return () => void listeners.delete(changed);
      },
      coordination: tabs(`app ${name}`),
    };
  };

  /** Waits until messages and transactions have arrived. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 60; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.tick(0);
    }
  }

  /** Lets time pass while all tabs are awake. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 5 * SECOND) {
      await clock.tick(Math.min(left, 5 * SECOND));
      await settle();
    }
  }

  /** The computer sleeps: its clock continues, but its timers do not. */
  function sleep(ms: number): void {
    clock.set(ms);
  }

  function open(options: Options = {}, own: { store?: TokenStore } = {}): Tab {
    const session = createSession({
      backend: {
        readTokens: (body) => body as TokenSet,
        refresh: async () => ({ accessToken: 'b', refreshToken: 'r', expiresAt: Date.now() + MINUTE }),
      },
      store: store(),
      ...own,
    });
    const tab: Tab = {
      session,
      events: [],
      warnings: [],
      idle: [],
      act: () => {},
      watch: undefined as never,
    };
    session.subscribe((event) => tab.events.push(event));
    tab.watch = watchIdle(session, {
      idleAfter: 15 * MINUTE,
      warnBefore: MINUTE,
      onWarning: (warning) => tab.warnings.push(warning),
      onIdle: (event) => tab.idle.push(event),
      activity(report) {
        tab.act = report;
        return () => {
          tab.act = () => {
            throw new Error('It was said to have ended');
          };
        };
      },
      ...(options as Partial<WatchIdleOptions>),
    });
    onTestFinished(() => session.dispose());
    return tab;
  }

  return {
    open,
    pass,
    settle,
    sleep,
    page: () => page,
    tick: (ms: number) => clock.tick(ms),
    set: (ms: number) => clock.set(ms),
  };
}

export interface Tab {
  session: Session;
  watch: IdleWatch;
  events: SessionEvent[];
  warnings: IdleWarning[];
  idle: IdleEvent[];
  /** The user acts in this tab. */
  act(isMove?: boolean): void;
}

export const TOKENS: TokenSet = { accessToken: 'a', refreshToken: 'r' };
