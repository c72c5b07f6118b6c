import type { SessionEvent, TokenSet } from '../../src/index.js';
import { Guarantees } from './laws.ts';
import type { Grant, RefreshCall, Rotation, Server } from './server.ts';
import type { Tab } from './tab.ts';
import type { World } from './world.ts';

/** The guarantees of sessions whose pages hold their tokens. */
export class TokenGuarantees extends Guarantees {
  server!: Server;
  readonly #rotation: Rotation;
  readonly #stored: (tab: Tab) => TokenSet | null;
  readonly #deliveries: { tab: number; tokens: TokenSet }[] = [];
  /** Server sessions that a user has ended. */
  readonly #signedOut = new Set<Grant>();
  /** Server sessions without a sign-out: another sign-in replaced them. */
  readonly #replaced = new Set<Grant>();
  /**
   * After a sign-out and a new sign-in: the number of earlier entries in `#deliveries`. Later tokens of the old session
   * are dropped.
   */
  readonly #keptOf = new Map<Grant, number>();
  /** The server session of each tab after its last event. */
  readonly #grants = new Map<number, Grant | undefined>();
  /**
   * The tabs that must revoke each refresh token: the tab that got it, unless it signed in again at once, and each tab
   * that signed out with it.
   */
  readonly #owners = new Map<string | undefined, Set<number>>();

  constructor(world: World, rotation: Rotation, stored: (tab: Tab) => TokenSet | null) {
    super(world);
    this.#rotation = rotation;
    this.#stored = stored;
  }

  signingOut(tab: number, tokens: TokenSet | undefined): void {
    const grant = this.#grantOf(tokens);
    if (!tokens || !grant) return;
    this.#signedOut.add(grant);
    this.#own(tab, tokens);
  }

  signingIn(tokens: TokenSet | undefined): void {
    const grant = this.#grantOf(tokens);
    if (grant) this.#replaced.add(grant);
    for (const ended of this.#signedOut)
      if (!this.#keptOf.has(ended)) this.#keptOf.set(ended, this.#deliveries.length);
  }

  asked(call: RefreshCall): void {
    const earlier = this.server.calls.filter(({ refreshToken }) => refreshToken === call.refreshToken);
    if (!this.torn && !this.forgotten) this.assertUnspent(earlier, this.#rotation);
  }

  delivered(tab: number, tokens: TokenSet): void {
    this.#deliveries.push({ tab, tokens });
    this.#own(tab, tokens);
  }

  override heard(tab: Tab, event: SessionEvent): void {
    super.heard(tab, event);
    const { id, had, tokens } = tab;
    const before = this.#grants.has(id) ? this.#grants.get(id) : this.#grantOf(had);
    const now = this.#grantOf(tokens);
    this.#grants.set(id, now);
    if (before && now && before !== now) this.#disown(id, before);
  }

  /** A tab signed out of a session while another tab was still recording the sign-in, which was recorded last. */
  override mayBeRevoked(tabs: readonly Tab[]): boolean {
    return this.contested && tabs.some(({ tokens }) => this.#signedOut.has(this.#grantOf(tokens)!));
  }

  protected override assertRejected({ had }: Tab): void {
    // If Redis lost its turns, two processes refresh at the same time, and one may be refused.
    const isNewest = this.forgotten || this.#newestWasRefused(had);
    this.assert(isNewest, 'a session ends whose newest token was not refused');
    const mayBeRefused = this.excused || this.contested || this.#isBeingSignedOut(had);
    this.assert(mayBeRefused, 'a session is refused that nothing has happened to');
  }

  protected override assertServerAtRest(): void {
    if (this.#rotation !== 'strict' || this.excused) return;
    this.assert(this.server.reuses === 0, 'a spent refresh token came back to the server');
    // Otherwise older refresh tokens remain valid besides the newest.
    if (!this.torn && !this.untold) this.#assertRevoked();
  }

  protected override assertStored(tabs: readonly Tab[]): void {
    // A killed tab may have written to the ledger, but not to the store.
    if (this.cleared || this.forgotten || this.killed.size) return;
    for (const tab of tabs) {
      const stored = this.#stored(tab);
      this.assert(
        stored?.generation === tab.tokens?.generation,
        `tab ${tab.id}: the store holds ${stored ? 'other tokens' : 'nothing'}, the session ${tab.tokens ? 'tokens' : 'none'}`,
      );
    }
  }

  protected override mayEnd(): boolean {
    const wasRefused = this.server.calls.some(({ end }) => end === 'refused');
    return this.forgotten ? wasRefused || this.killed.size > 0 : this.excused;
  }

  /** After a sign-out, a copy of a refresh token is useless. */
  #assertRevoked(): void {
    for (const grant of this.#signedOut) {
      if (this.#replaced.has(grant)) continue;
      const kept = this.#deliveries.slice(0, this.#keptOf.get(grant));
      const delivered = kept.map(({ tokens }) => tokens).filter((tokens) => this.#isOwned(tokens));
      const alive = this.server.aliveOf(grant, delivered);
      this.assert(alive.length === 0, `a refresh token is good after the sign-out of ${grant.user}`);
    }
  }

  #own(tab: number, { refreshToken }: TokenSet): void {
    this.#owners.set(refreshToken, (this.#owners.get(refreshToken) ?? new Set()).add(tab));
  }

  #disown(tab: number, grant: Grant): void {
    for (const [token, tabs] of this.#owners) if (this.server.grantOf(token) === grant) tabs.delete(tab);
  }

  /**
   * Whether some tab can know that it must revoke the token. A tab signs out of a session, and does not know that
   * another tab has just refreshed it. If that other tab signs in again at once, before or after this sign-out, it
   * never learns of the sign-out. It drops the new tokens, and no tab has them any more.
   */
  #isOwned({ refreshToken }: TokenSet): boolean {
    return !!this.#owners.get(refreshToken)?.size;
  }

  #grantOf(tokens: TokenSet | undefined): Grant | undefined {
    return this.server.grantOf(tokens?.accessToken);
  }

  /** The server may learn of a sign-out before the other tabs do. */
  #isBeingSignedOut(had: TokenSet | undefined): boolean {
    const isUnderWay = [...this.underWay].some(({ name }) => name === 'signOut');
    return isUnderWay && this.#signedOut.has(this.#grantOf(had)!);
  }

  /** Even if the newer tokens went to a tab that is gone. */
  #newestWasRefused(had: TokenSet | undefined): boolean {
    const grant = this.#grantOf(had);
    const ofGrant = this.#deliveries.filter(({ tokens }) => this.#grantOf(tokens) === grant);
    const last = ofGrant.findLastIndex(({ tab }) => !this.killed.has(tab));
    const newest = ofGrant.slice(Math.max(0, last)).map(({ tokens }) => tokens.refreshToken);
    return this.server.calls.some(
      ({ end, refreshToken }) => end === 'refused' && newest.includes(refreshToken),
    );
  }
}
