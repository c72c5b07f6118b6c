import { createSession, envelopeBackend, localStorageStore, loginRedirect } from 'unexpired';
import { navigate } from './route';
import { signInAgain } from './sign-in-again';

export const session = createSession({
  backend: envelopeBackend({ url: '/update_token/' }),
  store: localStorageStore(),
  onSignedOut: loginRedirect({ to: '/login', navigate }),
  reauthenticate: signInAgain,
});
