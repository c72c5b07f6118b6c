/**
 * How far the wall clock is ahead of the page's own clock. Taken when tokens arrive, so that {@link timeSince} is not fooled by a
 * wall clock that is set back while the page is open.
 */
export function wallOffset(): number {
  return Date.now() - performance.now();
}

/**
 * ms since the epoch, by the clock that is ahead. The wall clock runs while the computer sleeps, but can be set back; the page's own
 * clock may stop during sleep, but never goes back.
 */
export function timeSince(offset: number): number {
  return Math.max(Date.now(), performance.now() + offset);
}
