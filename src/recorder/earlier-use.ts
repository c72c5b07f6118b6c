import type { Entry } from './entry.js';

/** An earlier refresh request with the same tokens that were refused later. */
export interface EarlierUse {
  readonly entry: Entry;
  /** ms before the refusal. */
  readonly before: number;
  /** Whether that request got new tokens. */
  readonly succeeded: boolean;
}

/**
 * Returns the earlier use of refused tokens, in this tab or another; `undefined` if there was none. Tokens are the same if
 * they have the same generation; or, if no tabs share the session, if they arrived and expire at the same millisecond, as
 * in a tab and its duplicate. `entries` must be in the order of time.
 */
export function earlierUseOf(refusal: Entry, entries: readonly Entry[]): EarlierUse | undefined {
  if (refusal.error !== 'refresh_rejected') return undefined;
  const requests = entries
    .slice(0, entries.indexOf(refusal))
    .filter(({ type }) => type === 'refreshing')
    .reverse();
  const own = requests.find(({ tab }) => tab === refusal.tab);
  const entry = own && requests.find((request) => request !== own && isSameSet(request, own));
  if (!entry) return undefined;
  return { entry, before: refusal.at - entry.at, succeeded: resultOf(entry, entries)?.type === 'refreshed' };
}

function isSameSet(a: Entry, b: Entry): boolean {
  if (a.generation !== undefined || b.generation !== undefined) return a.generation === b.generation;
  return a.receivedAt !== undefined && a.receivedAt === b.receivedAt && a.expiresAt === b.expiresAt;
}

/** The next event of the same tab that says how the request ended. */
function resultOf(request: Entry, entries: readonly Entry[]): Entry | undefined {
  const later = entries.slice(entries.indexOf(request) + 1).filter(({ tab }) => tab === request.tab);
  return later.find(({ type }) => ['refreshed', 'refresh-failed', 'refreshing', 'opened'].includes(type));
}
