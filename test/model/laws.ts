import type { SessionEvent } from '../../src/index.js';
import { isSigning, type LastWord, type Operation } from './operations.ts';
import type { RefreshCall, Rotation, User } from './server.ts';
import type { Tab } from './tab.ts';
import type { World } from './world.ts';

/** Watches a run and reports the first broken guarantee. */
export abstract class Guarantees {
  broken: string | undefined;
  /** Whether an event has occurred after which losing a session is not a bug. */
  excused = false;
  lastWord: LastWord | undefined;
  /** A sign-in or sign-out is incomplete, because its tab was killed. */
  torn = false;
  /** The application emptied the store without the session. A tab that opens then trusts the store. */
  cleared = false;
  /**
   * Redis restarted without data and without its turns. Two processes may then use the same refresh token, but that
   * alone ends no session.
   */
  forgotten = false;
  readonly killed: Set<number> = new Set();
  protected readonly world: World;
  protected readonly underWay: Set<Operation> = new Set();
  /** The sign-out did not reach the server. */
  protected untold = false;
  /** A login and a call that changes cookies were under way at the same time. */
  crossed = false;
  /**
   * A sign-in and a sign-out in different tabs were under way at the same time, so the server may process them in
   * another order than the tabs.
   */
  contested = false;
  /** A session has ended, by a sign-out or because the server refused it. */
  ended = false;
  /** The last time when all access tokens expired at the server, or when a tab got one that has expired. */
  protected expiredAt = 0;

  constructor(world: World) {
    this.world = world;
  }

  assert(holds: boolean, guarantee: string): void {
    if (holds || this.broken) return;
    this.broken = guarantee;
    this.world.note(this.world.current, `*** ${guarantee}`);
  }

  began(operation: Operation): void {
    if (isSigning(operation)) {
      const others = [...this.underWay].filter(
        (other) => isSigning(other) && this.mayCross(other, operation),
      );
      this.lastWord = { operation, clear: !others.length && !this.#isBeingStored(operation.tab) };
      if (others.length) this.contested = true;
      if (operation.name === 'signOut') this.ended = true;
    }
    this.underWay.add(operation);
  }

  /** Another tab's write has not reached the browser's storage yet. It will overwrite a newer write. */
  #isBeingStored(tab: number): boolean {
    return this.world.awaits((lane) => lane.startsWith('storage of ') && lane !== `storage of ${tab}`);
  }

  expired(): void {
    this.expiredAt = this.world.now;
  }

  settled(operation: Operation): void {
    this.underWay.delete(operation);
    this.world.note(operation.tab, `${operation.name} ends: ${String(operation.outcome)}`);
  }

  sent(tab: number, begun: User | undefined, carried: User | undefined): void {
    const own = begun === undefined || carried === undefined || begun === carried;
    this.assert(own, `tab ${tab} sends a request of ${begun} with a token of ${carried}`);
  }

  heard(tab: Tab, event: SessionEvent): void {
    const reason = event.type === 'signed-out' ? event.reason : '';
    this.world.note(tab.id, `event: ${event.type} ${reason}`);
    this.assert(event.type !== 'store-failed', 'the store failed');
    if (event.type === 'revoke-failed') this.untold = true;
    if (reason === 'refresh_rejected') {
      this.assertRejected(tab);
      this.ended = true;
    }
    if (reason === 'signed_out_elsewhere')
      this.assert(this.ended || this.mayEnd(), 'a session ends that nobody has ended');
  }

  lost(tab: Tab): void {
    this.excused = true;
    this.killed.add(tab.id);
    for (const operation of tab.operations) {
      if (!this.underWay.delete(operation)) continue;
      if (isSigning(operation)) this.torn = true;
    }
  }

  /** Call this at the end, when no step is pending. */
  atRest(tabs: readonly Tab[]): void {
    const [hanging] = this.underWay;
    this.assert(!hanging, `tab ${hanging?.tab}: ${hanging?.name} never ends`);
    this.assertServerAtRest();
    if (this.torn) return;
    this.#assertLastWord(tabs);
    this.#assertOneMind(tabs);
    this.assertStored(tabs);
  }

  /** Whether the tabs may continue a session that has ended on the server. */
  mayBeRevoked(_tabs: readonly Tab[]): boolean {
    return false;
  }

  /** A tab's session ended because the server refused it. */
  protected abstract assertRejected(tab: Tab): void;
  /** What the server must have at rest. */
  protected abstract assertServerAtRest(): void;
  /** The stored tokens must belong to the sessions. */
  protected abstract assertStored(tabs: readonly Tab[]): void;

  /** Whether the order of two sign-ins or sign-outs is unclear if both are under way. */
  protected mayCross(one: Operation, other: Operation): boolean {
    return one.tab !== other.tab;
  }

  protected mayEnd(): boolean {
    return this.excused || this.crossed;
  }

  /** `earlier`: the refresh calls so far with the same token. */
  protected assertUnspent(earlier: readonly Pick<RefreshCall, 'end'>[], rotation: Rotation): void {
    if (earlier.some(({ end }) => end === 'ambiguous')) return;
    const twice = earlier.some(({ end }) => end === 'under way');
    this.assert(!twice, 'one refresh token is sent while it is under way');
    // Without rotation, the next token may be the same string.
    const again = rotation !== 'none' && earlier.some(({ end }) => end === 'answered');
    this.assert(!again, 'a refresh token is sent that has been answered');
  }

  /** What all tabs must agree on at rest. */
  protected mindOf({ user, tokens }: Tab): string {
    return `${user} ${tokens?.generation}`;
  }

  #assertOneMind(tabs: readonly Tab[]): void {
    const minds = new Set(tabs.map((tab) => this.mindOf(tab)));
    this.assert(minds.size < 2, `the tabs do not agree: ${[...minds].join(', ')}`);
  }

  #assertLastWord(tabs: readonly Tab[]): void {
    const { operation, clear } = this.lastWord ?? {};
    if (!operation || !clear) return;
    // Redis and the only process that knew it are gone.
    if (this.forgotten && this.killed.has(operation.tab)) return;
    if (operation.name === 'signOut')
      this.assert(
        tabs.every(({ user }) => !user),
        'somebody is signed in after the sign-out',
      );
    else if (!this.excused && !this.crossed)
      this.assert(
        tabs.every(({ user }) => user === operation.user),
        `${operation.user} signed in last, and is not signed in`,
      );
  }
}
