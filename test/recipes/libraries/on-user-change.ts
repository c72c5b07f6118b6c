import { session } from './session';

/** Calls `clear` when another user signs in, and when the user signs out: a cache must not outlive its user. */
export function onUserChange(clear: () => void): () => void {
  let user = session.claims?.sub;
  return session.subscribe(({ type }) => {
    if (type !== 'signed-in' && type !== 'signed-out') return;
    const next = session.claims?.sub;
    if (next === undefined || next !== user) clear();
    user = next;
  });
}
