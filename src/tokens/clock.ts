/**
 * How far the wall clock is ahead of the page's own, taken when tokens arrive. Together with it
 * {@link timeSince} is not fooled by a wall clock that is set back while the page is open.
 */
export function wallOffset(): number {
  return Date.now() - performance.now();
}

/**
 * ms since the epoch, by the clock that is ahead: the wall clock goes on while the computer sleeps, which the page's
 * own clock may not; the page's own clock never goes back (law 8).
 */
export function timeSince(offset: number): number {
  return Math.max(Date.now(), performance.now() + offset);
}
