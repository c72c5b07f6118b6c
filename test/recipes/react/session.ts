import { createSession, envelopeBackend, localStorageStore, loginRedirect } from 'unexpired';

export const session = createSession({
  backend: envelopeBackend({ url: '/update_token/' }),
  store: localStorageStore(),
  onSignedOut: loginRedirect({ to: '/login' }),
});
