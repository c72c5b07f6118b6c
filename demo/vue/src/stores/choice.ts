import { computed } from 'vue';
import { pinia, type Tokens, useAuth } from './auth';
import { vuex } from './vuex';

/** Which store holds the tokens; a switch on the profile page, as an application has one or the other. */
export const isVuex = sessionStorage.getItem('store') === 'vuex';

export function choose(store: 'pinia' | 'vuex') {
  sessionStorage.setItem('store', store);
  location.reload();
}

/** What the application's own state holds. */
export const tokens = computed((): Tokens => (isVuex ? vuex.state.auth : useAuth(pinia)));
