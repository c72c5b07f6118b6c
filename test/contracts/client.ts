import axios, { type AxiosInstance } from 'axios';
import { expect, onTestFinished, vi } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { type Backend, createSession, type Session, type SessionOptions } from '../../src/index.js';
import { fakeClock } from '../support/clock.js';

export interface Client {
  session: Session;
  api: AxiosInstance;
  /** The reasons why the session ended, from its events. */
  ends: string[];
  /** The error codes of failed refreshes. */
  failures: string[];
  /** The errors of sign-outs that did not reach the server. */
  untold: string[];
  /** Waits until no background refresh is running, because the test changes the clock next. */
  idle(): Promise<void>;
}

/** An application in its own browser: a session, and an axios instance with this session. */
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

/** The clock of the client's computer, `ahead` ms ahead of the correct time. The servers have their own clock. */
export function clientClock(ahead = 0): ReturnType<typeof fakeClock> {
  onTestFinished(() => void vi.useRealTimers());
  return fakeClock({ now: Date.now() + ahead });
}
