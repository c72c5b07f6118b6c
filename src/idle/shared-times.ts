import { Channel, type Message } from '../tabs/channel.js';
import { IndexedRecord } from '../tabs/indexed-record.js';
import { TabRecord } from './tab-record.js';
import type { IdleTimes } from './times.js';

interface TimesMessage extends Message {
  times: IdleTimes;
}

/** ms by which the clocks of two tabs may differ. */
const TOLERANCE = 2_000;

/** What the tabs of a session tell each other of its times, and the record on which they agree. */
export class SharedTimes {
  readonly #record: Pick<IndexedRecord<IdleTimes>, 'update'>;
  readonly #channel: Channel;
  readonly #now: () => number;

  /** `name`: tabs with the same name share; `undefined`: this tab is alone. */
  constructor(name: string | undefined, now: () => number, onTimes: (times: IdleTimes) => void) {
    const shared = `unexpired:${name ?? Math.random()}:idle`;
    this.#record = name ? new IndexedRecord<IdleTimes>(shared) : new TabRecord<IdleTimes>();
    this.#channel = new Channel(shared, (message) => onTimes((message as TimesMessage).times));
    this.#now = now;
  }

  /** `onShown`: the page is seen again, and may have missed a message. Returns what ends it. */
  listen(onShown: () => void): () => void {
    return this.#channel.open({ changed: onShown });
  }

  /** What the tabs know of this sign-in. */
  async read(sessionId: string | undefined): Promise<IdleTimes | undefined> {
    const times = await this.#record.update(() => undefined);
    return this.#isCredible(times) && times.sessionId === sessionId ? times : undefined;
  }

  /** Begins the record of a new sign-in. */
  async begin(times: IdleTimes): Promise<void> {
    await this.#record.update(() => times);
  }

  /**
   * Tells the other tabs. The record stays as it is where it knows of later activity, of the end, or of a later sign-in.
   * @returns what stands for this sign-in.
   */
  async publish(times: IdleTimes): Promise<IdleTimes> {
    const isOfThisSignIn = (old: IdleTimes) => old.sessionId === times.sessionId;
    const isLater = (old: IdleTimes) =>
      isOfThisSignIn(old) ? old.over || old.activeAt > times.activeAt : old.signedInAt > times.signedInAt;
    // What ends is told when it is agreed upon; activity at once.
    if (!times.over) this.#post(times);
    const record = await this.#record.update((old) =>
      this.#isCredible(old) && isLater(old) ? undefined : times,
    );
    const stands = record && isOfThisSignIn(record) ? record : times;
    if (stands.over) this.#post(stands);
    return stands;
  }

  #post(times: IdleTimes): void {
    this.#channel.post({ type: 'times', times } as TimesMessage);
  }

  /** A time that is yet to come was written before somebody set the clock back. */
  #isCredible(times: IdleTimes | undefined): times is IdleTimes {
    return !!times && times.activeAt <= this.#now() + TOLERANCE;
  }
}
