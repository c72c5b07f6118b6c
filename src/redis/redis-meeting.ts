import type { LedgerEntry, Meeting, MeetingListener, TurnLimits, Work } from '../coordination/meeting.js';
import { Hub, type Listener } from './hub.js';
import type { RedisSettings } from './options.js';
import { RedisRecord, versionOf } from './record.js';
import { inTurn } from './turns.js';

/** ms. A session that serves only one request learns enough by reading, and needs no subscription. */
const SUBSCRIBE_AFTER = 1_000;

/** The meeting of the processes of a fleet: one Redis key for the entry, one for the turn, and one channel for all sessions. */
export class RedisMeeting implements Meeting {
  readonly name: string;
  readonly persistent = true;
  readonly #settings: RedisSettings;
  readonly #hub: Hub;
  readonly #record: RedisRecord;
  #changed: (() => void) | undefined;
  /** The last version that the session knows. */
  #knownVersion: string | undefined;
  readonly #listener: Listener = (value) => void this.#onNews(value).catch(() => {}); // the next turn reads it again

  constructor(settings: RedisSettings) {
    this.name = settings.key;
    this.#settings = settings;
    this.#hub = Hub.of(settings.client);
    this.#record = new RedisRecord(this.#hub, settings, (value, isOwn) => {
      // The session knows its own changes.
      if (isOwn) this.#knownVersion = versionOf(value);
      this.#hub.tell(settings.key, value);
    });
  }

  update(
    change: (entry: LedgerEntry | undefined) => LedgerEntry | undefined,
  ): Promise<LedgerEntry | undefined> {
    return this.#record.update(change);
  }

  async inTurn<T>(work: Work<T>, limits: TurnLimits): Promise<T> {
    const { key, timeout } = this.#settings;
    let last: string | null = null;
    const onEntry = (value: string | null, taken: boolean) => {
      last = value;
      this.#hub.tell(key, value, this.#listener);
      // With the turn, `work` reads the entry.
      return taken ? this.#record.note(value) : this.#onNews(value);
    };
    try {
      return await inTurn(this.#hub, { key, timeout, onEntry }, limits, work);
    } catch (error) {
      // `work` may have failed before it read the entry.
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

  /** Each write publishes a message already. */
  notify(): void {}

  async #onNews(value: string | null): Promise<void> {
    const version = versionOf(value);
    if (version === this.#knownVersion) return;
    this.#knownVersion = version;
    await this.#record.note(value);
    this.#changed?.();
  }
}
