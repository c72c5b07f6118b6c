import { readonly, ref } from 'vue';

const current = ref(location.pathname);

/** The path of the page that is open. All the router that two pages need. */
export const route = readonly(current);

/** Replaces the page: going back leads to none that needs a session, and to no form that is done with. */
export function navigate(url: string): void {
  history.replaceState(null, '', url);
  current.value = location.pathname;
}
