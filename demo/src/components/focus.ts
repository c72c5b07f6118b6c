import { onMounted, type ShallowRef } from 'vue';

/**
 * Moves the focus to `target`, because the form or button that had the focus is gone. Does nothing on the first view of the page, where
 * nothing had the focus.
 */
export function useFocusOnArrival(target: Readonly<ShallowRef<HTMLElement | null>>): void {
  const isFirstView = !document.querySelector('main');
  onMounted(() => {
    if (!isFirstView) target.value?.focus();
  });
}
