/**
 * Calls `report` on each activity of the user; `isMove`: on one that may happen by accident, which answers no warning. Returns what
 * ends it.
 */
export type ActivitySource = (report: (isMove?: boolean) => void) => () => void;

/** What counts while no warning is open. */
const ANY = ['pointermove', 'pointerdown', 'keydown'];
/** What answers a warning too. At its end, so that the buttons of a dialog do what they say before it closes. */
const DELIBERATE = ['click', 'keyup', 'wheel'];

/** The user's own activity in this page: an event that a script made (`element.click()` in a timer) is none. */
export const userActivity: ActivitySource = (report) => {
  const onMove = (event: Event): void => {
    if (event.isTrusted && !isStill(event as PointerEvent)) report(true);
  };
  const onDeed = (event: Event): void => {
    if (event.isTrusted) report();
  };
  const toPage = (act: 'addEventListener' | 'removeEventListener') => {
    // Captured, so that no handler of the page hides it.
    for (const type of ANY) globalThis[act]?.(type, onMove, { capture: true, passive: true });
    for (const type of DELIBERATE) globalThis[act]?.(type, onDeed, { passive: true });
  };
  toPage('addEventListener');
  return () => toPage('removeEventListener');
};

/** Browsers report a pointer that lies still when the page moves beneath it. */
function isStill({ type, movementX, movementY }: PointerEvent): boolean {
  return type === 'pointermove' && movementX === 0 && movementY === 0;
}
