import { createSession, envelopeBackend, localStorageStore } from 'unexpired';

export const session = createSession({
  backend: envelopeBackend({ url: '/update_token/' }),
  store: localStorageStore(),
});
