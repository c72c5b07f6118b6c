import { computed } from 'vue';
import { pinia, type Tokens, useAuth } from './auth';
import { vuex } from './vuex';

/** Which store holds the tokens: a choice on the profile page. A real app has only one of them. */
export const isVuex = sessionStorage.getItem('store') === 'vuex';

export function choose(store: 'pinia' | 'vuex') {
  sessionStorage.setItem('store', store);
  location.reload();
}

/** The tokens in the app's own state. */
export const tokens = computed((): Tokens => (isVuex ? vuex.state.auth : useAuth(pinia)));
