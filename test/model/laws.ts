import type { SessionEvent, TokenSet } from '../../src/index.js';
import type { Grant, RefreshCall, Rotation, Server, User } from './server.ts';
import type { Tab } from './tab.ts';
import type { World } from './world.ts';

/** What a user or a program requested from a session. */
export interface Operation {
  readonly name: 'signIn' | 'signOut' | 'request' | 'refresh';
  /** The user who signs in, or who was signed in at the start. */
  readonly user?: User | undefined;
  readonly tab: number;
  outcome: unknown;
}

/** The last sign-in or sign-out, if it is clear which one was last. */
interface LastWord {
  operation: Operation;
  /** No other sign-in or sign-out ran at the same time. */
  clear: boolean;
}

/** Watches a run and reports the first broken guarantee. */
export class Guarantees {
  broken: string | undefined;
  /** Whether something happened after which a session may be lost without a bug. */
  excused = false;
  lastWord: LastWord | undefined;
  /** A sign-in or sign-out is incomplete, because its tab was killed. */
  torn = false;
  /** The application emptied the store without the session; a tab that is opened then trusts the store. */
  cleared = false;
  /**
   * Redis restarted without data and without its turns. Two processes may then spend one token, but that alone ends
   * no session.
   */
  forgotten = false;
  server!: Server;
  readonly killed: Set<number> = new Set();
  readonly #world: World;
  readonly #rotation: Rotation;
  readonly #deliveries: { tab: number; tokens: TokenSet }[] = [];
  readonly #underWay = new Set<Operation>();
  /** Server sessions that a user has ended. */
  readonly #signedOut = new Set<Grant>();
  /** Server sessions without a sign-out: another sign-in replaced them. */
  readonly #replaced = new Set<Grant>();
  /** After a sign-out and a new sign-in: how many of `#deliveries` came before. Later tokens of the old session are discarded. */
  readonly #keptOf = new Map<Grant, number>();
  /** The sign-out did not reach the server. */
  #untold = false;
  #ended = false;

  constructor(world: World, rotation: Rotation) {
    this.#world = world;
    this.#rotation = rotation;
  }

  assert(holds: boolean, guarantee: string): void {
    if (holds || this.broken) return;
    this.broken = guarantee;
    this.#world.note(this.#world.current, `*** ${guarantee}`);
  }

  began(operation: Operation): void {
    if (operation.name === 'signIn' || operation.name === 'signOut') {
      const others = [...this.#underWay].filter(({ tab }) => tab !== operation.tab);
      this.lastWord = { operation, clear: !others.some(isSigning) && !this.#isBeingStored(operation.tab) };
      if (operation.name === 'signOut') this.#ended = true;
    }
    this.#underWay.add(operation);
  }

  /** Another tab's write has not reached the browser's storage yet. It will overwrite a newer write. */
  #isBeingStored(tab: number): boolean {
    return this.#world.awaits((lane) => lane.startsWith('storage of ') && lane !== `storage of ${tab}`);
  }

  settled(operation: Operation): void {
    this.#underWay.delete(operation);
    this.#world.note(operation.tab, `${operation.name} ends: ${String(operation.outcome)}`);
  }

  signingOut(tokens: TokenSet | undefined): void {
    const grant = this.server.grantOf(tokens?.accessToken);
    if (grant) this.#signedOut.add(grant);
  }

  signingIn(tokens: TokenSet | undefined): void {
    const grant = this.server.grantOf(tokens?.accessToken);
    if (grant) this.#replaced.add(grant);
    for (const ended of this.#signedOut)
      if (!this.#keptOf.has(ended)) this.#keptOf.set(ended, this.#deliveries.length);
  }

  asked(call: RefreshCall): void {
    const earlier = this.server.calls.filter(({ refreshToken }) => refreshToken === call.refreshToken);
    if (this.torn || this.forgotten || earlier.some(({ end }) => end === 'ambiguous')) return;
    const twice = earlier.some(({ end }) => end === 'under way');
    this.assert(!twice, 'one refresh token is sent while it is under way');
    // Without rotation, the next token may be the same string.
    const again = this.#rotation !== 'none' && earlier.some(({ end }) => end === 'answered');
    this.assert(!again, 'a refresh token is sent that has been answered');
  }

  delivered(tab: number, tokens: TokenSet): void {
    this.#deliveries.push({ tab, tokens });
  }

  sent(tab: number, begun: User | undefined, carried: User | undefined): void {
    const own = begun === undefined || carried === undefined || begun === carried;
    this.assert(own, `tab ${tab} sends a request of ${begun} with a token of ${carried}`);
  }

  heard(tab: Tab, event: SessionEvent): void {
    const reason = event.type === 'signed-out' ? event.reason : '';
    this.#world.note(tab.id, `event: ${event.type} ${reason}`);
    this.assert(event.type !== 'store-failed', 'the store failed');
    if (event.type === 'revoke-failed') this.#untold = true;
    if (reason === 'refresh_rejected') {
      // If Redis lost its turns, two processes refresh at the same time, and one may be refused.
      const isNewest = this.forgotten || this.#newestWasRefused(tab.had);
      this.assert(isNewest, 'a session ends whose newest token was not refused');
      this.assert(this.excused, 'a session is refused that nothing has happened to');
      this.#ended = true;
    }
    if (reason === 'signed_out_elsewhere')
      this.assert(this.#ended || this.#mayEnd(), 'a session ends that nobody has ended');
  }

  lost(tab: Tab): void {
    this.excused = true;
    this.killed.add(tab.id);
    for (const operation of tab.operations) {
      if (!this.#underWay.delete(operation)) continue;
      if (isSigning(operation)) this.torn = true;
    }
  }

  /** Call this when everything has happened. */
  atRest(tabs: Tab[], stored: (tab: Tab) => TokenSet | null): void {
    const [hanging] = this.#underWay;
    this.assert(!hanging, `tab ${hanging?.tab}: ${hanging?.name} never ends`);
    if (this.#rotation === 'strict' && !this.excused)
      this.assert(this.server.reuses === 0, 'a spent refresh token came back to the server');
    if (this.torn) return;
    // Otherwise older refresh tokens stay valid besides the newest.
    if (this.#rotation === 'strict' && !this.excused && !this.#untold) this.#assertRevoked();
    this.#assertLastWord(tabs);
    this.#assertOneMind(tabs);
    // A killed tab may have written to the ledger and not yet to the store.
    if (this.cleared || this.forgotten || this.killed.size) return;
    for (const tab of tabs)
      this.assert(
        stored(tab)?.generation === tab.tokens?.generation,
        `tab ${tab.id}: the store holds ${stored(tab) ? 'other tokens' : 'nothing'}, the session ${tab.tokens ? 'tokens' : 'none'}`,
      );
  }

  #mayEnd(): boolean {
    const wasRefused = this.server.calls.some(({ end }) => end === 'refused');
    return this.forgotten ? wasRefused || this.killed.size > 0 : this.excused;
  }

  /** After a sign-out, a copy of a refresh token is useless. */
  #assertRevoked(): void {
    for (const grant of this.#signedOut) {
      if (this.#replaced.has(grant)) continue;
      const kept = this.#deliveries.slice(0, this.#keptOf.get(grant));
      const delivered = kept.map(({ tokens }) => tokens);
      const alive = this.server.aliveOf(grant, delivered);
      this.assert(alive.length === 0, `a refresh token is good after the sign-out of ${grant.user}`);
    }
  }

  #assertOneMind(tabs: Tab[]): void {
    const minds = new Set(tabs.map(({ user, tokens }) => `${user} ${tokens?.generation}`));
    this.assert(minds.size < 2, `the tabs do not agree: ${[...minds].join(', ')}`);
  }

  #assertLastWord(tabs: Tab[]): void {
    const { operation, clear } = this.lastWord ?? {};
    if (!operation || !clear) return;
    if (operation.name === 'signOut')
      this.assert(
        tabs.every(({ user }) => !user),
        'somebody is signed in after the sign-out',
      );
    else if (!this.excused)
      this.assert(
        tabs.every(({ user }) => user === operation.user),
        `${operation.user} signed in last, and is not signed in`,
      );
  }

  /** Also if the newer tokens went to a tab that is gone. */
  #newestWasRefused(had: TokenSet | undefined): boolean {
    const grant = this.server.grantOf(had?.accessToken);
    const ofGrant = this.#deliveries.filter(
      ({ tokens }) => this.server.grantOf(tokens.accessToken) === grant,
    );
    const last = ofGrant.findLastIndex(({ tab }) => !this.killed.has(tab));
    const newest = ofGrant.slice(Math.max(0, last)).map(({ tokens }) => tokens.refreshToken);
    return this.server.calls.some(
      ({ end, refreshToken }) => end === 'refused' && newest.includes(refreshToken),
    );
  }
}

function isSigning({ name }: Operation): boolean {
  return name === 'signIn' || name === 'signOut';
}
