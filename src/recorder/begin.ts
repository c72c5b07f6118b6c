import type { Refresher } from '../refresh/refresher.js';

/**
 * Calls `listener` when a refresh begins, which no event tells. It listens from outside, so that a session without a recorder
 * carries nothing for it. Returns what ends it.
 */
export function onBegin(refresher: Refresher, listener: () => void): () => void {
  const { refresh } = refresher;
  let current: ReturnType<Refresher['refresh']> | undefined;
  refresher.refresh = () => {
    const result = refresh.call(refresher);
    // A call that joins the refresh under way gets the same promise.
    if (result !== current) listener();
    current = result;
    return result;
  };
  return () => {
    refresher.refresh = refresh;
  };
}
