import { callOut, type SessionEvent } from '../events.js';
import type { SessionCore } from '../session.js';
import { timeSince, wallOffset } from '../tokens/clock.js';
import { Display } from './display.js';
import type { WatchIdleOptions } from './options.js';
import { SharedTimes } from './shared-times.js';
import { ACTIVE, type IdleLimits, type IdleTimes, viewAt } from './times.js';

/** The longest time between two checks of the clock, in ms: timers do not run while the computer sleeps. */
const CHECK_EVERY = 10_000;
/** The shortest time between two messages about activity to the other tabs, in ms. */
const SHARE_EVERY = 2_000;

/** The sign-in that is watched. Each sign-in gets a new object. */
interface SignIn {
  readonly id: string | undefined;
  /** Whether `onIdle` has been called. */
  isOver: boolean;
}

/** Tracks the last activity in all tabs, and derives the warning and the end from it. */
export class Watcher {
  readonly display: Display;
  readonly #core: SessionCore;
  readonly #options: WatchIdleOptions;
  readonly #limits: IdleLimits;
  readonly #shared: SharedTimes;
  readonly #offset: number = wallOffset();
  readonly #shareEvery: number;
  #signIn: SignIn | undefined;
  /** `undefined` while nobody is signed in, and until the record has been read. */
  #times: IdleTimes | undefined;
  /** The last activity that the other tabs know of. */
  #sharedAt = 0;
  /** The sign-in whose end this tab is recording. */
  #recordingEnd: SignIn | undefined;
  /** At the last event, it was not known yet whether somebody is signed in. */
  #isRestoring = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(core: SessionCore, options: WatchIdleOptions, limits: IdleLimits) {
    const { store, backend } = core.settings;
    const { name } = store.coordination ?? backend.coordination ?? {};
    this.display = new Display(options.onWarning, () => this.onActivity());
    this.#core = core;
    this.#options = options;
    this.#limits = limits;
    this.#shareEvery = Math.min(SHARE_EVERY, (limits.idleAfter - limits.warnBefore) / 4);
    this.#shared = new SharedTimes(
      name,
      () => this.#now,
      (times) => this.#onTimes(times),
    );
  }

  /** Starts watching. Returns a function that stops it. */
  start(listenToActivity: NonNullable<WatchIdleOptions['activity']>): () => void {
    const ends = [
      this.#core.state.subscribe((event) => this.#onEvent(event)),
      this.#shared.listen(() => void this.#onShown()),
      listenToActivity((isMove) => this.onActivity(isMove)),
    ];
    this.#onEvent();
    return () => {
      for (const end of ends) end();
      this.#forget();
      this.display.dispose();
    };
  }

  /** `isMove`: the activity may be accidental, so it does not close a warning. Activity after the end has no effect. */
  onActivity(isMove = false): void {
    if (!this.#times) return;
    const now = this.#now;
    const { status } = viewAt(now, this.#times, this.#limits).view;
    if (status === 'warning' && isMove) return;
    if (status !== 'idle') this.#times = { ...this.#times, activeAt: now };
    // Pointers move a hundred times a second, so most moves must cost little.
    if (now - this.#sharedAt >= this.#shareEvery) this.#check();
  }

  get #now(): number {
    return timeSince(this.#offset);
  }

  #onEvent(event?: SessionEvent): void {
    const { credentials } = this.#core.state;
    const id = credentials?.tokens.sessionId;
    // Tokens from a slow store are not a new sign-in.
    const isNew = event?.type === 'signed-in' && !event.elsewhere && !this.#isRestoring;
    this.#isRestoring = credentials === undefined;
    if (!credentials) this.#forget();
    else if (isNew) this.#begin(id);
    else if (!this.#signIn || this.#signIn.id !== id) void this.#join(id);
  }

  /** The user has just signed in, in this tab. */
  #begin(id: string | undefined): void {
    this.#signIn = { id, isOver: false };
    const now = this.#now;
    this.#times = { sessionId: id, signedInAt: now, activeAt: now };
    this.#sharedAt = now;
    void this.#shared.begin(this.#times);
    this.#check();
  }

  /** The user signed in before this page opened, or in another tab. Opening a page is no activity: a page may reload itself. */
  async #join(id: string | undefined): Promise<void> {
    const signIn: SignIn = { id, isOver: false };
    this.#signIn = signIn;
    this.#times = undefined;
    const times = await this.#shared.read(id);
    if (this.#signIn !== signIn) return;
    if (times) this.#accept(times);
    else this.#begin(id);
  }

  #forget(): void {
    this.#signIn = this.#times = undefined;
    clearTimeout(this.#timer);
    // `idle` stays visible until the next sign-in.
    if (this.display.view.status !== 'idle') this.display.show(ACTIVE);
  }

  #onTimes(times: IdleTimes): void {
    if (!this.#times || times.sessionId !== this.#times.sessionId) return;
    if (times.over) this.#end(times, true);
    else this.#noteActivity(Math.min(times.activeAt, this.#now));
  }

  /** The user was active in another tab. */
  #noteActivity(activeAt: number): void {
    if (!this.#times || activeAt <= this.#times.activeAt) return;
    this.#times = { ...this.#times, activeAt };
    this.#sharedAt = activeAt;
    this.#check();
  }

  async #onShown(): Promise<void> {
    this.#check();
    const times = this.#signIn && (await this.#shared.read(this.#signIn.id));
    if (times) this.#onTimes(times);
  }

  /** Checks the clock: shows the current view, shares activity, or records the end. */
  #check(): void {
    clearTimeout(this.#timer);
    const times = this.#times;
    if (!times || this.#signIn?.isOver) return;
    const { view, changesIn } = viewAt(this.#now, times, this.#limits);
    if (view.status === 'idle') return void this.#recordEnd(times);
    this.display.show(view);
    if (times.activeAt > this.#sharedAt) void this.#share(times);
    this.#timer = setTimeout(() => this.#check(), Math.min(changesIn, CHECK_EVERY));
  }

  async #share(times: IdleTimes): Promise<void> {
    this.#sharedAt = times.activeAt;
    const signIn = this.#signIn;
    const stands = await this.#shared.publish(times);
    if (stands.over && signIn === this.#signIn) this.#end(stands, true);
  }

  /** The time is over as far as this tab knows. The record may have later activity: a sleeping tab receives no messages. */
  async #recordEnd(times: IdleTimes): Promise<void> {
    const signIn = this.#signIn;
    if (this.#recordingEnd === signIn) return;
    this.#recordingEnd = signIn;
    const over = { ...times, over: true };
    const stands = await this.#shared.publish(over);
    this.#recordingEnd = undefined;
    if (signIn !== this.#signIn) return;
    if (stands.over) this.#end(stands, stands !== over);
    else this.#accept(stands);
  }

  /** Continues with the times of the record. */
  #accept(times: IdleTimes): void {
    this.#times = times;
    this.#sharedAt = times.activeAt;
    this.#check();
  }

  #end(times: IdleTimes, elsewhere: boolean): void {
    const signIn = this.#signIn;
    if (!signIn || signIn.isOver) return;
    signIn.isOver = true;
    this.#times = times;
    const { view } = viewAt(this.#now, times, this.#limits);
    this.display.show(view);
    callOut(this.#options.onIdle, { reason: view.reason!, elsewhere });
  }
}
