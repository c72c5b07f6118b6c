/**
 * One turn of an event loop: the next action of a tab, the browser or the server, and all promises that depend on it.
 */
export interface Step {
  /** The tab with this event loop. `undefined`: the event loop of the browser or the server, which outlive all tabs. */
  tab: number | undefined;
  /** The steps of one lane run in order. */
  lane: string;
  label: string;
  /** The time in ms within which it must run. `Infinity`: it may never run. */
  within: number;
  run(): void;
}

interface Pending extends Step {
  due: number;
}

interface Timer {
  id: number;
  tab: number | undefined;
  at: number;
  run(): void;
}

/** In ms. Steps inside the computer are never slower than this, so timeouts concern only the network. */
export const LOCAL = 200;

const START = Date.parse('2026-11-24T08:00:00.250Z');
/** More steps than any program needs. If a run exceeds it, something loops. */
const MOST_STEPS = 100_000;

/** All steps that are pending. The test decides which step runs next, and how time passes. */
export class World {
  now: number = START;
  /** The tab whose code is running. */
  current: number | undefined;
  readonly trace: string[] = [];
  /** Closed tabs. No step of theirs runs. */
  readonly #gone = new Set<number | undefined>();
  #steps: Pending[] = [];
  #timers: Timer[] = [];
  #count = 0;

  get elapsed(): number {
    return this.now - START;
  }

  enqueue(step: Step): Step {
    const pending = { ...step, due: this.now + step.within };
    if (!this.#gone.has(step.tab)) this.#steps.push(pending);
    return pending;
  }

  drop(step: Step): void {
    this.#steps = this.#steps.filter((pending) => pending !== step);
  }

  /** Removes everything that a tab had before. */
  forget(tab: number): void {
    this.#gone.add(tab);
    this.#steps = this.#steps.filter((step) => step.tab !== tab);
    this.#timers = this.#timers.filter((timer) => timer.tab !== tab);
  }

  setTimer(run: () => void, ms = 0): number {
    const id = ++this.#count;
    // In whole milliseconds, as in browsers, so it may fire slightly too early.
    this.#timers.push({ id, tab: this.current, at: this.now + Math.max(1, Math.trunc(ms)), run });
    return id;
  }

  clearTimer(id: number): void {
    this.#timers = this.#timers.filter((timer) => timer.id !== id);
    this.#steps = this.#steps.filter((step) => step.lane !== timerLane(id));
  }

  /** What remains of a tab that should leave nothing behind. */
  remains(tab: number): string[] {
    const steps = this.#steps.filter((step) => step.tab === tab).map(({ label }) => label);
    return this.#timers.some((timer) => timer.tab === tab) ? [...steps, 'a timer'] : steps;
  }

  /** Whether a step is pending in such a lane. */
  awaits(lane: (name: string) => boolean): boolean {
    return this.#steps.some((step) => lane(step.lane));
  }

  /** Runs code of a tab and all promises that depend on it. No code of another tab runs meanwhile. */
  async turn(tab: number | undefined, label: string, act: () => void): Promise<void> {
    this.note(tab, label);
    this.current = tab;
    act();
    await new Promise(setImmediate);
    this.current = undefined;
  }

  note(tab: number | undefined, label: string): void {
    if (this.trace.length > MOST_STEPS)
      throw new Error(['it never comes to rest', ...this.trace.slice(0, 150)].join('\n'));
    const who = tab === undefined ? '     ' : `tab ${tab}`;
    this.trace.push(`${String(this.elapsed).padStart(7)} ms  ${who}  ${label}`);
  }

  /** Runs one of the steps that can be next. If there is none, nothing happens. */
  async step(choice: number): Promise<void> {
    const heads = this.#heads();
    const chosen = heads[choice % heads.length];
    if (chosen) await this.#perform(chosen);
  }

  /** The step that is running takes a millisecond. */
  tick(): void {
    this.now += 1;
  }

  /** Lets time pass. Steps and timers run when they are due. */
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const step = earliest(this.#heads(), ({ due }) => due);
      const timer = earliest(this.#timers, ({ at }) => at);
      const next = Math.min(step?.due ?? Number.POSITIVE_INFINITY, timer?.at ?? Number.POSITIVE_INFINITY);
      if (next > end) break;
      this.now = Math.max(this.now, next);
      if (timer?.at === next) this.#fire(timer);
      else await this.#perform(step!);
    }
    this.now = Math.max(this.now, end);
  }

  /** Runs everything that must run, the oldest first, until nothing is pending. */
  async settle(): Promise<void> {
    for (;;) {
      await this.drain();
      const timer = earliest(this.#timers, ({ at }) => at);
      if (!timer) return;
      this.now = Math.max(this.now, timer.at);
      this.#fire(timer);
    }
  }

  /** Runs all pending steps, without time passing. */
  async drain(): Promise<void> {
    for (;;) {
      const next = this.#heads().find(({ within }) => within < Number.POSITIVE_INFINITY);
      if (!next) return;
      await this.#perform(next);
    }
  }

  #heads(): Pending[] {
    const lanes = new Set<string>();
    return this.#steps.filter(({ lane }) => !lanes.has(lane) && lanes.add(lane));
  }

  async #perform(step: Pending): Promise<void> {
    this.drop(step);
    await this.turn(step.tab, step.label, () => step.run());
  }

  #fire(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
    const { tab, run, id } = timer;
    this.enqueue({ tab, lane: timerLane(id), label: 'a timer fires', within: LOCAL, run });
  }
}

function timerLane(id: number): string {
  return `timer ${id}`;
}

function earliest<T>(all: readonly T[], time: (one: T) => number): T | undefined {
  return all.reduce<T | undefined>(
    (best, one) => (best === undefined || time(one) < time(best) ? one : best),
    undefined,
  );
}
