/** Tells when the page is left, and when it comes back from the back/forward cache. Returns what ends it. */
export function watchPage(told: (type: 'left' | 'returned') => void): () => void {
  const onHide = () => told('left');
  const onShow = (event: Event) => {
    if ((event as PageTransitionEvent).persisted) told('returned');
  };
  globalThis.addEventListener?.('pagehide', onHide);
  globalThis.addEventListener?.('pageshow', onShow);
  return () => {
    globalThis.removeEventListener?.('pagehide', onHide);
    globalThis.removeEventListener?.('pageshow', onShow);
  };
}
