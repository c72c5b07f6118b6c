import type { LedgerEntry, Meeting, MeetingListener, TurnLimits } from '../coordination/meeting.js';
import { Hub, type Listener } from './hub.js';
import type { RedisSettings } from './options.js';
import { RedisRecord } from './record.js';
import { inTurn } from './turns.js';

/** ms. A session that serves one request hears what it needs by reading. */
const SUBSCRIBE_AFTER = 1_000;

/** Where the processes of a fleet meet: one key of Redis, a lease beside it, and one channel for all. */
export class RedisMeeting implements Meeting {
  readonly name: string;
  readonly persistent = true;
  readonly #settings: RedisSettings;
  readonly #hub: Hub;
  readonly #record: RedisRecord;
  #changed: (() => void) | undefined;
  readonly #listener: Listener = (value) => void this.#onNews(value);

  constructor(settings: RedisSettings) {
    this.name = settings.key;
    this.#settings = settings;
    this.#hub = Hub.of(settings.client);
    this.#record = new RedisRecord(this.#hub, settings);
  }

  update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined> {
    return this.#record.update(change);
  }

  inTurn<T>(work: (isOver?: () => boolean) => Promise<T>, limits: TurnLimits): Promise<T> {
    const { key, timeout } = this.#settings;
    const onEntry = (value: string | null, taken: boolean) => this.#onEntry(value, taken);
    return inTurn(this.#hub, { key, timeout, onEntry }, limits, work);
  }

  listen({ changed }: MeetingListener): () => void {
    const { key } = this.#settings;
    this.#changed = changed;
    const stopListening = this.#hub.listen(key, this.#listener);
    let unsubscribe: (() => void) | undefined;
    const timer = setTimeout(() => {
      unsubscribe = this.#hub.subscribe();
    }, SUBSCRIBE_AFTER);
    return () => {
      clearTimeout(timer);
      this.#changed = undefined;
      stopListening();
      unsubscribe?.();
    };
  }

  /** Redis itself tells the others with each write. */
  notify(): void {}

  /** Whoever has the turn reads the entry itself; the others hear of it. */
  async #onEntry(value: string | null, taken: boolean): Promise<void> {
    const isNew = await this.#record.note(value, taken);
    if (isNew) this.#hub.tell(this.name, value, this.#listener);
    if (isNew && !taken) this.#changed?.();
  }

  async #onNews(value: string | null): Promise<void> {
    try {
      if (await this.#record.note(value)) this.#changed?.();
    } catch {} // it cannot be decrypted; the next turn says so
  }
}
