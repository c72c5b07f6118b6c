/** One turn of an event loop: what a tab, the browser or the server does next, and all promises that hang on it. */
export interface Step {
  /** Whose event loop; `undefined`: the browser's, or the server's, which outlive any tab. */
  tab: number | undefined;
  /** The steps of one lane come in order. */
  lane: string;
  label: string;
  /** ms until it happens at the latest; `Infinity`: it may never. */
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

/** ms. What happens inside the computer is that slow at the worst, so that time-outs are only for the network. */
export const LOCAL = 200;

const START = Date.parse('2026-11-24T08:00:00.250Z');
/** More than any program needs: beyond it something goes round in circles. */
const MOST_STEPS = 20_000;

/** All that has been begun and not yet happened. The test says what happens next, and how the time goes. */
export class World {
  now: number = START;
  /** Whose code is running. */
  current: number | undefined;
  readonly trace: string[] = [];
  /** Tabs that are no more: nothing happens in them. */
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

  /** Whatever a tab had before it is gone. */
  forget(tab: number): void {
    this.#gone.add(tab);
    this.#steps = this.#steps.filter((step) => step.tab !== tab);
    this.#timers = this.#timers.filter((timer) => timer.tab !== tab);
  }

  setTimer(run: () => void, ms = 0): number {
    const id = ++this.#count;
    // In whole milliseconds, as browsers have it: it may come a fraction too early.
    this.#timers.push({ id, tab: this.current, at: this.now + Math.max(1, Math.trunc(ms)), run });
    return id;
  }

  clearTimer(id: number): void {
    this.#timers = this.#timers.filter((timer) => timer.id !== id);
    this.#steps = this.#steps.filter((step) => step.lane !== timerLane(id));
  }

  /** What is left of a tab that should have left nothing. */
  remains(tab: number): string[] {
    const steps = this.#steps.filter((step) => step.tab === tab).map(({ label }) => label);
    return this.#timers.some((timer) => timer.tab === tab) ? [...steps, 'a timer'] : steps;
  }

  /** Whether something is still on its way in such a lane. */
  awaits(lane: (name: string) => boolean): boolean {
    return this.#steps.some((step) => lane(step.lane));
  }

  /** Runs code of a tab to its end, and the promises that hang on it: no other tab's code runs meanwhile. */
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

  /** Of the steps that can be next, one; where there is none, nothing happens. */
  async step(choice: number): Promise<void> {
    const heads = this.#heads();
    const chosen = heads[choice % heads.length];
    if (chosen) await this.#perform(chosen);
  }

  /** Lets time pass. What is due meanwhile happens, timers when it is their time. */
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
    this.now = end;
  }

  /** Everything that must happen happens, the oldest first, until nothing is under way. */
  async settle(): Promise<void> {
    for (;;) {
      await this.drain();
      const timer = earliest(this.#timers, ({ at }) => at);
      if (!timer) return;
      this.now = Math.max(this.now, timer.at);
      this.#fire(timer);
    }
  }

  /** Everything that is under way happens, with no time between. */
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
