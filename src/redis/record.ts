import { isLedgerEntry, type LedgerEntry } from '../coordination/meeting.js';
import { SessionError } from '../errors.js';
import { CHANNEL, type Hub } from './hub.js';
import type { RedisSettings } from './options.js';
import { COMPARE_AND_SET } from './scripts.js';
import { reachable } from './unreachable.js';

type Change = (entry: LedgerEntry | undefined) => LedgerEntry | undefined;

/** Hears what was written. `isOwn`: not only a pause, added to what may be somebody else's news, or to nothing: Redis may have lost it. */
type OnWritten = (value: string, isOwn: boolean) => void;

/** An entry as it stood in Redis at some time. */
interface Version {
  /** Another one with each write; '' where there is no entry. */
  readonly id: string;
  readonly entry: LedgerEntry | undefined;
}

/** As the Lua scripts have it. */
const VERSION = /[^ \t\n\v\f\r]*/;
/** Writers that meet again and again make progress each time; more than this is a fault. */
const MOST_CONFLICTS = 50;
/** ms. A sign-out must be known as long as somebody may still hold older tokens. */
const LONGEST_SIGN_OUT = 86_400_000;

/** The one entry that all processes see alike. Its value in Redis is a version, a space and the entry, encrypted if need be. */
export class RedisRecord {
  readonly #hub: Hub;
  readonly #settings: RedisSettings;
  readonly #onWritten: OnWritten;
  /** One change at a time: a later one of this session must not be overtaken by an earlier one that has to try again. */
  #last: Promise<unknown> = Promise.resolve();
  #seen: Version | undefined;
  /** What Redis said this moment: the next reading need not ask again. */
  #news: Version | undefined;

  constructor(hub: Hub, settings: RedisSettings, onWritten: OnWritten) {
    this.#hub = hub;
    this.#settings = settings;
    this.#onWritten = onWritten;
  }

  /** @throws {SessionError} `refresh_unavailable` */
  read(): Promise<LedgerEntry | undefined> {
    return reachable(
      this.#read().then(({ entry }) => entry),
      this.#settings.timeout,
    );
  }

  /**
   * Reads and writes in one step that no other process can divide, as `Meeting.update` says.
   * @throws {SessionError} `refresh_unavailable`; whether it was written is unknown then.
   */
  update(change: Change): Promise<LedgerEntry | undefined> {
    const updated = this.#last.then(() => this.#update(change));
    this.#last = updated.catch(() => {});
    return reachable(updated, this.#settings.timeout);
  }

  /** Takes note of what stands in Redis now: the next reading takes it from here. */
  async note(value: string | null): Promise<void> {
    this.#news = await this.#open(value);
  }

  /** What was noted is no news any more. */
  forgetNews(): void {
    this.#news = undefined;
  }

  async #update(change: Change): Promise<LedgerEntry | undefined> {
    const news = this.#news;
    this.#news = undefined;
    const isOld = !news && !!this.#seen;
    let standing = news ?? this.#seen ?? (await this.#read());
    let next = change(standing.entry);
    // What was seen some time ago is good enough to try a write on, but not to be told to anybody.
    if (!next && isOld) {
      standing = await this.#read();
      next = change(standing.entry);
    }
    for (let conflicts = 0; next; conflicts++) {
      const other: Version | undefined = await this.#replace(standing, next);
      if (!other) return next;
      if (conflicts > MOST_CONFLICTS) throw new SessionError('refresh_unavailable', 'Redis is too busy');
      standing = other;
      next = change(standing.entry);
    }
    return standing.entry;
  }

  async #read(): Promise<Version> {
    return this.#open(await this.#hub.commands.get(this.#settings.key));
  }

  /** Resolves with what stands in Redis instead, if that is not what was expected. */
  async #replace(expected: Version, entry: LedgerEntry): Promise<Version | undefined> {
    const { key, encrypt, ttl } = this.#settings;
    const id = String(Math.random());
    const value = `${id} ${await encrypt(JSON.stringify(entry), key)}`;
    const keepFor = entry.tokens === null ? Math.min(ttl, LONGEST_SIGN_OUT) : ttl;
    const args = [expected.id, value, String(keepFor), CHANNEL, key];
    const other = await this.#hub.commands.run(COMPARE_AND_SET, [key], args);
    if (typeof other === 'string') return this.#open(other);
    this.#seen = { id, entry };
    this.#news = undefined;
    this.#onWritten(value, entry.generation !== (expected.entry?.generation ?? 0));
    return undefined;
  }

  async #open(value: string | null): Promise<Version> {
    const id = versionOf(value);
    if (id === this.#seen?.id) return this.#seen;
    const seen = { id, entry: id && value ? await this.#decode(value.slice(id.length + 1)) : undefined };
    this.#seen = seen;
    return seen;
  }

  /** What cannot be read any more, or was never ours, is left alone until the next sign-in. */
  async #decode(payload: string): Promise<LedgerEntry | undefined> {
    const { key, decrypt } = this.#settings;
    const entry = parse(await decrypt(payload, key));
    if (entry) return entry;
    console.warn('unexpired: a key in Redis holds something that cannot be read');
    return undefined;
  }
}

export function versionOf(value: string | null): string {
  return VERSION.exec(value ?? '')![0];
}

/** `null`, which nobody can read any more, is no entry either. */
function parse(text: string | null): LedgerEntry | undefined {
  try {
    const entry: unknown = JSON.parse(text as string);
    return isLedgerEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}
