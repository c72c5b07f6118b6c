import { Channel, type Message } from '../tabs/channel.js';
import { IndexedRecord } from '../tabs/indexed-record.js';
import { TabRecord } from './tab-record.js';
import type { IdleTimes } from './times.js';

interface TimesMessage extends Message {
  times: IdleTimes;
}

/** ms by which the clocks of two tabs may differ. */
const TOLERANCE = 2_000;

/** Shares the times of a session between its tabs: by messages, and by a record on which the tabs agree. */
export class SharedTimes {
  readonly #record: Pick<IndexedRecord<IdleTimes>, 'update'>;
  readonly #channel: Channel;
  readonly #now: () => number;

  /** `name`: tabs with the same name share their times; `undefined`: this tab is alone. */
  constructor(name: string | undefined, now: () => number, onTimes: (times: IdleTimes) => void) {
    const shared = `unexpired:${name ?? Math.random()}:idle`;
    this.#record = name ? new IndexedRecord<IdleTimes>(shared) : new TabRecord<IdleTimes>();
    this.#channel = new Channel(shared, (message) => onTimes((message as TimesMessage).times));
    this.#now = now;
  }

  /** Starts listening. `onShown`: the page is visible again, and may have missed a message. Returns a function that stops it. */
  listen(onShown: () => void): () => void {
    return this.#channel.open({ changed: onShown });
  }

  /** Returns the recorded times of this sign-in. Times in the future, from before the clock was set back, become now. */
  async read(sessionId: string | undefined): Promise<IdleTimes | undefined> {
    const times = await this.#record.update(() => undefined);
    if (!times || times.sessionId !== sessionId) return undefined;
    const now = this.#now();
    const isFuture = !this.#isCredible(times);
    return isFuture ? { ...times, activeAt: now, signedInAt: Math.min(times.signedInAt, now) } : times;
  }

  /** Records the times of a new sign-in. */
  async begin(times: IdleTimes): Promise<void> {
    await this.#record.update(() => times);
  }

  /**
   * Sends the times to the other tabs and records them, unless the record has later activity, the end, or a later sign-in.
   * @returns the times that now count for this sign-in.
   */
  async publish(times: IdleTimes): Promise<IdleTimes> {
    const isOfThisSignIn = (old: IdleTimes) => old.sessionId === times.sessionId;
    const isLater = (old: IdleTimes) =>
      isOfThisSignIn(old) ? old.over || old.activeAt > times.activeAt : old.signedInAt > times.signedInAt;
    // Activity is sent at once, the end only after the record has accepted it.
    if (!times.over) this.#post(times);
    const record = await this.#record.update((old) =>
      old && this.#isCredible(old) && isLater(old) ? undefined : times,
    );
    const stands = record && isOfThisSignIn(record) ? record : times;
    if (stands.over) this.#post(stands);
    return stands;
  }

  #post(times: IdleTimes): void {
    this.#channel.post({ type: 'times', times } as TimesMessage);
  }

  /** A time in the future was written before the clock was set back. */
  #isCredible(times: IdleTimes): boolean {
    return times.activeAt <= this.#now() + TOLERANCE;
  }
}
