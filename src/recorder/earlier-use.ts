import type { Entry } from './entry.js';

/** An earlier question with the very tokens that were refused later. */
export interface EarlierUse {
  readonly entry: Entry;
  /** ms before the refusal. */
  readonly before: number;
  /** Whether that question got new tokens. */
  readonly succeeded: boolean;
}

/**
 * Whether the tokens that were refused had been used before, here or in another tab. Tokens are the same if they have the same
 * generation; or, where no tabs share the session, if they arrived and expire at the same millisecond, as in a tab and its copy.
 * `entries` are in the order of time.
 */
export function earlierUseOf(refusal: Entry, entries: readonly Entry[]): EarlierUse | undefined {
  if (refusal.error !== 'refresh_rejected') return undefined;
  const questions = entries
    .slice(0, entries.indexOf(refusal))
    .filter(({ type }) => type === 'refreshing')
    .reverse();
  const own = questions.find(({ tab }) => tab === refusal.tab);
  const entry = own && questions.find((question) => question !== own && isSameSet(question, own));
  if (!entry) return undefined;
  return { entry, before: refusal.at - entry.at, succeeded: resultOf(entry, entries)?.type === 'refreshed' };
}

function isSameSet(a: Entry, b: Entry): boolean {
  if (a.generation !== undefined || b.generation !== undefined) return a.generation === b.generation;
  return a.receivedAt !== undefined && a.receivedAt === b.receivedAt && a.expiresAt === b.expiresAt;
}

/** What that tab did next about its question. */
function resultOf(question: Entry, entries: readonly Entry[]): Entry | undefined {
  const later = entries.slice(entries.indexOf(question) + 1).filter(({ tab }) => tab === question.tab);
  return later.find(({ type }) => ['refreshed', 'refresh-failed', 'refreshing', 'opened'].includes(type));
}
