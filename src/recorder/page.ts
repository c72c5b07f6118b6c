/**
 * Calls `report` when the user leaves the page, and when the page comes back from the back/forward cache. Returns a
 * function that stops it.
 */
export function watchPage(report: (type: 'left' | 'returned') => void): () => void {
  const onHide = () => report('left');
  const onShow = (event: Event) => {
    if ((event as PageTransitionEvent).persisted) report('returned');
  };
  globalThis.addEventListener?.('pagehide', onHide);
  globalThis.addEventListener?.('pageshow', onShow);
  return () => {
    globalThis.removeEventListener?.('pagehide', onHide);
    globalThis.removeEventListener?.('pageshow', onShow);
  };
}
