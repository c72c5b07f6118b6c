import { afterEach, beforeEach, onTestFinished, vi } from 'vitest';
import {
  type Backend,
  createSession,
  type Session,
  type SessionEvent,
  type SessionOptions,
  type TokenSet,
} from '../../src/index.js';
import { fakeClock } from './clock.js';

export const HOUR = 3_600_000;

export type Refresh = Backend['refresh'];

export interface OpenOptions extends Partial<Omit<SessionOptions, 'backend'>> {
  /** The backend's refresh. @default returns the next tokens */
  refresh?: Refresh;
  backend?: Partial<Backend>;
}

export interface Opened {
  session: Session;
  events: SessionEvent[];
  /** The types of its events. */
  types(): string[];
  refresh: ReturnType<typeof vi.fn<Refresh>>;
}

/** A session whose backend the test controls: no server, no network. */
export function openSession({
  refresh = async () => tokens(2),
  backend,
  ...options
}: OpenOptions = {}): Opened {
  const asked = vi.fn(refresh);
  const session = createSession({
    backend: { refresh: asked, readTokens: (body) => body as TokenSet, ...backend },
    ...options,
  });
  onTestFinished(() => session.dispose());
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  return { session, events, types: () => events.map(({ type }) => type), refresh: asked };
}

/** Tokens as a backend returns them. */
export function tokens(serial: number): TokenSet {
  const lifetime = { expiresAt: Date.now() + HOUR };
  return { accessToken: `access-${serial}`, refreshToken: `refresh-${serial}`, ...lifetime };
}

/** Lets the test control the clock and the timers. */
export function useClock() {
  let clock: ReturnType<typeof fakeClock>;
  beforeEach(() => {
    clock = fakeClock({ timers: true });
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });
  return {
    tick: (ms: number) => clock.tick(ms),
    set: (ms: number) => clock.set(ms),
    /** Runs everything that needs no time. */
    settle: () => clock.tick(0),
  };
}
