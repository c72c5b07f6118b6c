import type { LedgerEntry, Meeting, MeetingListener, TurnLimits } from '../coordination/meeting.js';
import { Hub, type Listener } from './hub.js';
import type { RedisSettings } from './options.js';
import { RedisRecord, versionOf } from './record.js';
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
  /** The version that the session was told of last. */
  #told: string | undefined;
  readonly #listener: Listener = (value) => void this.#onNews(value).catch(() => {}); // the next turn tells

  constructor(settings: RedisSettings) {
    this.name = settings.key;
    this.#settings = settings;
    this.#hub = Hub.of(settings.client);
    this.#record = new RedisRecord(this.#hub, settings, (value, isOwn) => {
      // The session knows what it has done itself.
      if (isOwn) this.#told = versionOf(value);
      this.#hub.tell(settings.key, value);
    });
  }

  update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined> {
    return this.#record.update(change);
  }

  async inTurn<T>(work: (isOver?: () => boolean) => Promise<T>, limits: TurnLimits): Promise<T> {
    const { key, timeout } = this.#settings;
    let last: string | null = null;
    const onEntry = (value: string | null, taken: boolean) => {
      last = value;
      this.#hub.tell(key, value, this.#listener);
      // Whoever has the turn reads the entry itself.
      return taken ? this.#record.note(value) : this.#onNews(value);
    };
    try {
      return await inTurn(this.#hub, { key, timeout, onEntry }, limits, work);
    } catch (error) {
      // It may not have come to that.
      if (last !== null) this.#listener(last);
      throw error;
    } finally {
      this.#record.forgetNews();
    }
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

  async #onNews(value: string | null): Promise<void> {
    const version = versionOf(value);
    if (version === this.#told) return;
    this.#told = version;
    await this.#record.note(value);
    this.#changed?.();
  }
}
