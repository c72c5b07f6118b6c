import type { Member } from '../coordination/coordination.js';
import type { LedgerEntry } from '../coordination/meeting.js';
import { TabMeeting } from '../tabs/tab-meeting.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';

/** Stands for an access token that no script can see. Each refresh has another, so that one can be told from the next. */
export function placeholder(): string {
  return `cookie-${Math.random().toString(36).slice(2)}`;
}

/**
 * Where tabs meet that share the access token by a cookie. The ledger holds nothing of it: that another tab has refreshed is all that
 * a tab of the same session has to know.
 */
export class CookieMeeting extends TabMeeting {
  readonly #state: Member['state'];

  constructor(name: string, { state, settings }: Member) {
    super(name, settings.backend.refreshUrl, false);
    this.#state = state;
  }

  override async update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined> {
    const entry = await super.update(change);
    if (!entry || entry.tokens === null) return entry;
    return { ...entry, tokens: renewed(this.#state.credentials, entry) };
  }
}

/** What this tab has, renewed by the refresh of another. `undefined` if it must ask the server itself. */
function renewed(
  held: Credentials | null | undefined,
  { generation, sessionId }: LedgerEntry,
): TokenSet | undefined {
  if (!held || held.tokens.sessionId !== sessionId) return undefined;
  const { expiresAt, receivedAt = 0, ...kept } = held.tokens;
  // A generation is the time of its refresh, by a clock that may have been set back since.
  const since = Math.min(Date.now(), Math.floor(generation));
  // The request that was refused carried the newest cookie of its moment, whatever this tab had heard by then.
  if (since <= held.refusedAt) return undefined;
  const end = expiresAt && since + expiresAt - receivedAt;
  if (end && end <= Date.now()) return undefined;
  return { ...kept, accessToken: placeholder(), receivedAt: since, ...(end && { expiresAt: end }) };
}
