import axios, { type AxiosInstance } from 'axios';
import { onTestFinished, vi } from 'vitest';
import { attachSession } from '../../src/clients/axios.js';
import { type Backend, createSession, type Session } from '../../src/index.js';
import { fakeClock } from '../support/clock.js';

export interface Client {
  session: Session;
  api: AxiosInstance;
  /** The reasons for which the session was told to have ended. */
  ends: string[];
  /** How many refreshes failed. */
  failures: string[];
}

/** An application in a browser of its own: a session, and an axios that it is attached to. */
export function openClient(backend: Backend, origin: string): Client {
  const ends: string[] = [];
  const failures: string[] = [];
  const session = createSession({ backend, onSignedOut: ({ reason }) => void ends.push(reason) });
  session.subscribe((event) => {
    if (event.type === 'refresh-failed') failures.push((event.error as { code: string }).code);
  });
  const api = axios.create({ baseURL: origin });
  attachSession(api, session);
  onTestFinished(() => session.dispose());
  return { session, api, ends, failures };
}

/** The clock of the client's computer, `ahead` ms ahead of the right time. The servers have their own. */
export function clientClock(ahead = 0): ReturnType<typeof fakeClock> {
  onTestFinished(() => void vi.useRealTimers());
  return fakeClock({ now: Date.now() + ahead });
}
