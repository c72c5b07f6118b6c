import { createPinia, defineStore } from 'pinia';

export interface Tokens {
  token: string | null;
  refresh_token: string | null;
  token_time: string | null;
}

export const pinia = createPinia();

export const useAuth = defineStore('auth', {
  state: (): Tokens => ({ token: null, refresh_token: null, token_time: null }),
});
