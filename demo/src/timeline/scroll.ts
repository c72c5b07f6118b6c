import { onMounted, onUnmounted, type ShallowRef } from 'vue';
import { now } from './spans';

const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)');

/** Moves the strip with time. If the user prefers reduced motion, it moves once per second. */
export function useScroll(strip: Readonly<ShallowRef<HTMLElement | null>>): void {
  let frame = 0;
  function draw() {
    if (strip.value) strip.value.style.transform = shift(reducedMotion.matches ? Math.ceil(now()) : now());
    frame = requestAnimationFrame(draw);
  }
  onMounted(draw);
  onUnmounted(() => cancelAnimationFrame(frame));
}

/** A single transform for all bars, so that the browser does not repeat the layout. */
function shift(moment: number): string {
  return `translateX(calc((var(--past) - ${moment.toFixed(3)}) * var(--second)))`;
}
