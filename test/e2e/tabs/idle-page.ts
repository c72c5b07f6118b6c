import { createSession, envelopeBackend, localStorageStore, type Session } from 'unexpired';
import { type IdleWarning, watchIdle } from 'unexpired/idle';

export interface IdleState {
  status: Session['status'];
  /** The number of warnings that have been opened, and closed. */
  opened: number;
  closed: number;
}

export interface IdlePage {
  signIn(): Promise<void>;
  state(): IdleState;
  /** The button in the warning. */
  stay(): void;
}

declare global {
  interface Window {
    idle: IdlePage;
  }
}

const limits = new URLSearchParams(location.search);
const session = createSession({
  backend: envelopeBackend({ url: '/update_token/' }),
  store: localStorageStore(),
});
let open: IdleWarning | undefined;
const counts = { opened: 0, closed: 0 };

watchIdle(session, {
  idleAfter: Number(limits.get('idleAfter')),
  warnBefore: Number(limits.get('warnBefore')),
  onWarning(warning) {
    open = warning;
    counts.opened++;
    warning.signal.addEventListener('abort', () => counts.closed++);
  },
});

window.idle = {
  signIn: () => session.signIn({ accessToken: 'opaque' }),
  state: () => ({ status: session.status, ...counts }),
  stay: () => open?.stay(),
};
