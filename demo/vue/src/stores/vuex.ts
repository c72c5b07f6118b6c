import { createStore } from 'vuex';
import type { Tokens } from './auth';

export const vuex = createStore<{ auth: Tokens }>({
  strict: true,
  modules: {
    auth: {
      namespaced: true,
      state: (): Tokens => ({ token: null, refresh_token: null, token_time: null }),
      mutations: {
        RECEIVE_TOKEN(state: Tokens, { token, refresh_token, token_time }: Tokens) {
          Object.assign(state, { token, refresh_token, token_time });
        },
      },
    },
  },
});
