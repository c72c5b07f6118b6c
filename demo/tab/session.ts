import { createSession, envelopeBackend, localStorageStore } from 'unexpired';
import { watchIdle } from 'unexpired/idle';
import { addressOf } from '../backend/route';
import { idleAfter, room } from './place';
import { signInAgain } from './sign-in-again';

/** The session of this tab. The store makes it one with those of the other tabs. */
export const session = createSession({
  backend: envelopeBackend({ url: `${addressOf('tabs')}update_token/` }),
  store: localStorageStore({ key: `unexpired-demo-${room}-tabs` }),
  reauthenticate: signInAgain,
});

/** Signs out, in every tab, when nobody has done anything in any of them. */
export const idle = watchIdle(session, { idleAfter: idleAfter * 1_000 });
