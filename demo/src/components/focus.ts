import { onMounted, type ShallowRef } from 'vue';

/**
 * Puts the focus on what has taken the place of the form or button that had it. A page that was just opened is left
 * alone: there nothing had it.
 */
export function useFocusOnArrival(target: Readonly<ShallowRef<HTMLElement | null>>): void {
  const isFirstView = !document.querySelector('main');
  onMounted(() => {
    if (!isFirstView) target.value?.focus();
  });
}
