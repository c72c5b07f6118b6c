import { onMounted, onUnmounted, type ShallowRef } from 'vue';
import { now } from './spans';

const calm = matchMedia('(prefers-reduced-motion: reduce)');

/** Moves the strip with time; in steps of a second for who asked for less motion. */
export function useScroll(strip: Readonly<ShallowRef<HTMLElement | null>>): void {
  let frame = 0;
  function draw() {
    if (strip.value) strip.value.style.transform = shift(calm.matches ? Math.ceil(now()) : now());
    frame = requestAnimationFrame(draw);
  }
  onMounted(draw);
  onUnmounted(() => cancelAnimationFrame(frame));
}

/** One transform for all bars instead of a position for each: nothing is laid out anew. */
function shift(moment: number): string {
  return `translateX(calc((var(--past) - ${moment.toFixed(3)}) * var(--second)))`;
}
