import type { Member } from '../coordination/coordination.js';
import type { LedgerEntry } from '../coordination/meeting.js';
import { TabMeeting } from '../tabs/tab-meeting.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * Creates a stand-in for an access token that no script can read. Each refresh gets a new one, so that the session can tell
 * refreshes apart.
 */
export function placeholder(): string {
  return `cookie-${Math.random().toString(36).slice(2)}`;
}

/**
 * The meeting of tabs whose access token is in a cookie. Its ledger contains no tokens: a tab of the same session only
 * needs to know that another tab has refreshed.
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

/** This tab's tokens, as renewed by another tab's refresh; `undefined` if this tab must refresh itself. */
function renewed(
  held: Credentials | null | undefined,
  { generation, sessionId }: LedgerEntry,
): TokenSet | undefined {
  if (!held || held.tokens.sessionId !== sessionId) return undefined;
  const { expiresAt, receivedAt = 0, ...kept } = held.tokens;
  // A generation is the time of its refresh. The clock may have been set back since then.
  const since = Math.min(Date.now(), Math.floor(generation));
  // The browser sends the newest cookie. So the refused request carried this one already, even if the tab did not know of
  // the refresh.
  if (since <= held.refusedAt) return undefined;
  const end = expiresAt && since + expiresAt - receivedAt;
  if (end && end <= Date.now()) return undefined;
  return { ...kept, accessToken: placeholder(), receivedAt: since, ...(end && { expiresAt: end }) };
}
