import { createSession, envelopeBackend, localStorageStore } from 'unexpired';
import { watchIdle } from 'unexpired/idle';
import { addressOf } from '../backend/route';
import { idleAfter, room } from './place';
import { signInAgain } from './sign-in-again';

/** The session of this tab. All tabs with the same store share it. */
export const session = createSession({
  backend: envelopeBackend({ url: `${addressOf('tabs')}update_token/` }),
  store: localStorageStore({ key: `unexpired-demo-${room}-tabs` }),
  reauthenticate: signInAgain,
});

/** Signs out in all tabs when the user has done nothing in any of them. */
export const idle = watchIdle(session, { idleAfter: idleAfter * 1_000 });
