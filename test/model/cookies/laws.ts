import type { SessionEvent } from '../../../src/index.js';
import { Guarantees } from '../laws.ts';
import type { Operation } from '../operations.ts';
import type { Rotation, User } from '../server.ts';
import type { Tab } from '../tab.ts';
import type { World } from '../world.ts';
import type { CookieJar } from './jar.ts';
import type { CookieRefreshCall, CookieServer } from './server.ts';

/** The calls whose responses change cookies, except for logins. */
const CHANGING = ['/refresh', '/logout'];

/** The events by which a tab tells that it has new cookies. */
const ARRIVALS: readonly SessionEvent['type'][] = ['signed-in', 'refreshed', 'adopted'];

/** In ms. */
const LONGEST_PASSING_ON = 10_000;

/** The guarantees of sessions whose tokens are in the browser's cookies, as far as a page can give them. */
export class CookieGuarantees extends Guarantees {
  server!: CookieServer;
  readonly #jar: CookieJar;
  readonly #rotation: Rotation;
  /** Tabs that were opened while the last event was a sign-out. */
  readonly #openedSignedOut = new Set<number>();

  /** Logins whose responses have not been passed to the session yet. */
  readonly loggingIn: Set<{ readonly tab: number }> = new Set();
  #unaware: Operation | undefined;
  /**
   * For each tab: the time until which it may pass on refusals, because a cookie was refused right after its refresh.
   */
  readonly #passesOnUntil = new Map<number, number>();

  constructor(world: World, rotation: Rotation, jar: CookieJar) {
    super(world);
    this.#rotation = rotation;
    this.#jar = jar;
  }

  opened(tab: number): void {
    const isStored = !this.world.awaits((lane) => lane.startsWith('storage of '));
    if (this.#isOver() && isStored) this.#openedSignedOut.add(tab);
    // This tab may still see a sign-out's note that a login is about to remove.
    if (this.ended && (this.loggingIn.size || !isStored)) this.torn = this.crossed = true;
  }

  /** A logout that is refused is sent once more with fresh cookies, so this tab may refresh. */
  refusedLogout(tab: number): void {
    this.#openedSignedOut.delete(tab);
  }

  /**
   * A tab whose refresh failed learns the other tabs' state with its next refresh. If calls overlapped, the sign-out's
   * note may be older than the cookie.
   */
  protected override mindOf({ user }: Tab): string {
    return this.crossed ? '' : `${user}`;
  }

  /** A page calls `fetch`. */
  calls(tab: number, path: string): void {
    const asks = path === '/refresh' && this.#isOver() && this.#openedSignedOut.has(tab);
    this.assert(!asks, `tab ${tab}: a page asks that was opened after the sign-out`);
  }

  /** A refresh call leaves the browser. */
  asked(call: CookieRefreshCall): void {
    if (!call.refreshToken) return;
    const earlier = this.server.calls.filter(({ refreshToken }) => refreshToken === call.refreshToken);
    if (!this.torn && !this.crossed) this.assertUnspent(earlier, this.#rotation);
  }

  /**
   * A request leaves the browser. `others`: the requests under way. A request that was called during a login may leave with the
   * cookies of the login. If the sign-in then cancels it, its new cookies are lost.
   */
  leaves({ path, duringLogin }: { path: string; duringLogin: boolean }, others: readonly string[]): void {
    const isLogin = path === '/login';
    const crosses = isLogin
      ? others.some((other) => CHANGING.includes(other))
      : CHANGING.includes(path) && (duringLogin || this.loggingIn.size > 0);
    if (!crosses || this.crossed) return;
    this.crossed = true;
    this.world.note(undefined, `a login and ${isLogin ? 'another call' : path} cross`);
  }

  /**
   * Two logins are under way at once, and a page gets the response of one when the browser already has the cookies of
   * the other.
   */
  overtaken(): void {
    this.crossed = true;
    this.world.note(undefined, 'a page hears of a login after the cookies of another');
  }

  /**
   * The sign-out that has just begun is in a tab that believes that nobody is signed in. So it does not call the
   * server, even if another tab signed in a moment ago and is signed out by it.
   */
  unaware(): void {
    this.#unaware = this.lastWord?.operation;
  }

  override atRest(tabs: readonly Tab[]): void {
    super.atRest(tabs.filter((tab) => this.#knows(tab)));
  }

  /**
   * A page whose call failed does not know yet whether somebody is signed in. Its next request refreshes again. The
   * user is also unknown if the cookie with the user was deleted before it was read.
   */
  #knows({ session, user }: Tab): boolean {
    if (session.status === 'signed-in') return !!user || !this.cleared;
    return session.status === 'signed-out';
  }

  /**
   * A tab has new cookies. If the access token expired on its way to the tab, a request that was sent meanwhile is refused
   * twice: the tab cannot know which cookies it carried.
   */
  override heard(tab: Tab, event: SessionEvent): void {
    super.heard(tab, event);
    if (!ARRIVALS.includes(event.type)) return;
    const { receivedAt = 0 } = tab.tokens ?? {};
    if (this.expiredAt < receivedAt && !this.server.accepts(this.#jar.take())) this.expired();
  }

  override settled(operation: Operation): void {
    super.settled(operation);
    if (operation.outcome === 401) this.#assertRefused(operation);
  }

  /** A caller gets a refusal only if the cookie expired again during the request. */
  #assertRefused({ tab, begun, user }: Operation): void {
    const { now } = this.world;
    if (this.expiredAt >= begun) this.#passesOnUntil.set(tab, now + LONGEST_PASSING_ON);
    if (!user || this.excused || this.crossed || this.ended) return;
    const passesOn = now < (this.#passesOnUntil.get(tab) ?? 0);
    this.assert(passesOn, `tab ${tab}: a request is refused, and the cookie is not refreshed`);
  }

  override lost(tab: Tab): void {
    super.lost(tab);
    for (const login of this.loggingIn) if (login.tab === tab.id) this.loggingIn.delete(login);
  }

  /** A sign-in takes time, because the login is sent first. */
  protected override mayCross(): boolean {
    return true;
  }

  get #user(): User | undefined {
    return this.server.ownerOf(this.#jar.take());
  }

  #isOver(): boolean {
    const { operation, clear } = this.lastWord ?? {};
    return operation?.name === 'signOut' && !!clear && operation.outcome !== undefined;
  }

  protected override assertRejected(): void {
    this.assert(this.excused || this.crossed, 'a session is refused that nothing has happened to');
  }

  protected override assertServerAtRest(): void {
    if (this.#rotation !== 'strict' || this.excused || this.crossed) return;
    this.assert(this.server.reuses === 0, 'a spent refresh token came back to the server');
    if (this.torn || this.untold || !this.#isOver()) return;
    if (this.lastWord?.operation === this.#unaware) return;
    this.assert(!this.#user, `the cookies of ${this.#user} are good after the sign-out`);
  }

  /** The browser adds its cookies to every request of a page: they must belong to the user that the page shows. */
  protected override assertStored(tabs: readonly Tab[]): void {
    // No page can prevent the browser from storing the cookies of an older response last.
    if (this.crossed) return;
    const user = this.#user;
    for (const tab of tabs)
      this.assert(
        !tab.user || !user || tab.user === user,
        `tab ${tab.id} takes ${tab.user} for signed in, and its requests have the cookies of ${user}`,
      );
  }
}
