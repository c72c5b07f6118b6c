import axios, { type AxiosInstance } from 'axios';
import { expect, onTestFinished, vi } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { type Backend, createSession, type Session, type SessionOptions } from '../../src/index.js';
import { fakeClock } from '../support/clock.js';

export interface Client {
  session: Session;
  api: AxiosInstance;
  /** The reasons for which the session was told to have ended. */
  ends: string[];
  /** The codes by which refreshes failed. */
  failures: string[];
  /** Why the server could not be told of a sign-out. */
  untold: string[];
  /** Waits until no refresh is under way that nobody waits for: time must not jump meanwhile. */
  idle(): Promise<void>;
}

/** An application in a browser of its own: a session, and an axios that it is attached to. */
export function openClient(backend: Backend, origin: string, options: Partial<SessionOptions> = {}): Client {
  const ends: string[] = [];
  const failures: string[] = [];
  const untold: string[] = [];
  const session = createSession({ backend, onSignedOut: ({ reason }) => void ends.push(reason), ...options });
  let underWay = 0;
  session.subscribe((event) => {
    if (event.type === 'refreshing') underWay++;
    if (event.type === 'refreshed' || event.type === 'refresh-failed') underWay--;
    if (event.type === 'revoke-failed') untold.push(event.error.message);
    if (event.type === 'refresh-failed') failures.push((event.error as { code: string }).code);
  });
  const api = axios.create({ baseURL: origin });
  attachSession(api, session);
  onTestFinished(() => session.dispose());
  const idle = () => expect.poll(() => underWay, { timeout: 10_000 }).toBe(0);
  return { session, api, ends, failures, untold, idle };
}

/** The clock of the client's computer, `ahead` ms ahead of the right time. The servers have their own. */
export function clientClock(ahead = 0): ReturnType<typeof fakeClock> {
  onTestFinished(() => void vi.useRealTimers());
  return fakeClock({ now: Date.now() + ahead });
}
