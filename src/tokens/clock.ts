/**
 * How far the wall clock is ahead of the page's own clock, in ms. Call it when tokens arrive. {@link timeSince} then
 * stays correct if the wall clock is set back while the page is open.
 */
export function wallOffset(): number {
  return Date.now() - performance.now();
}

/**
 * ms since the epoch, by the clock that is further ahead. The wall clock runs while the computer sleeps, but it can
 * be set back; the page's own clock may stop during sleep, but it never goes back.
 */
export function timeSince(offset: number): number {
  return Math.max(Date.now(), performance.now() + offset);
}
