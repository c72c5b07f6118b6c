/**
 * Calls `report` for each activity of the user. `isMove`: the activity may be accidental, so it does not close a warning.
 * Returns a function that stops it.
 */
export type ActivitySource = (report: (isMove?: boolean) => void) => () => void;

/** Events that count as activity only while no warning is open. */
const ANY = ['pointermove', 'pointerdown', 'keydown'];
/**
 * Events that also close a warning. They come at the end of an action, so that a button in the dialog works before the
 * dialog closes.
 */
const DELIBERATE = ['click', 'keyup', 'wheel'];

/** Reports the user's activity in this page. Events that a script creates (`element.click()` in a timer) do not count. */
export const userActivity: ActivitySource = (report) => {
  const onMove = (event: Event): void => {
    if (event.isTrusted && !isStill(event as PointerEvent)) report(true);
  };
  const onAction = (event: Event): void => {
    if (event.isTrusted) report();
  };
  const toPage = (act: 'addEventListener' | 'removeEventListener') => {
    // Captured, so that no handler of the page can stop the event first.
    for (const type of ANY) globalThis[act]?.(type, onMove, { capture: true, passive: true });
    for (const type of DELIBERATE) globalThis[act]?.(type, onAction, { passive: true });
  };
  toPage('addEventListener');
  return () => toPage('removeEventListener');
};

/** Browsers also report a pointer that does not move when the page scrolls under it. */
function isStill({ type, movementX, movementY }: PointerEvent): boolean {
  return type === 'pointermove' && movementX === 0 && movementY === 0;
}
