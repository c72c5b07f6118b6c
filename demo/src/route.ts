import { readonly, ref } from 'vue';

const current = ref(location.pathname);

/** The path of the current page. Two pages need no more router than this. */
export const route = readonly(current);

/** Replaces the current page, so that the back button never opens a page without a session or a finished form. */
export function navigate(url: string): void {
  history.replaceState(null, '', url);
  current.value = location.pathname;
}
