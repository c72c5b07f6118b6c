import { createSession, envelopeBackend } from 'unexpired';
import { piniaStore } from 'unexpired/pinia';
import { vuexStore } from 'unexpired/vuex';
import { pinia, useAuth } from './stores/auth';
import { isVuex } from './stores/choice';
import { vuex } from './stores/vuex';

export const session = createSession({
  backend: envelopeBackend({ url: '/update_token/' }),
  store: isVuex ? vuexStore(vuex, { module: 'auth' }) : piniaStore(useAuth(pinia)),
});
