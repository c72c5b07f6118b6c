import { isLedgerEntry, type LedgerEntry } from '../coordination/meeting.js';
import { SessionError } from '../errors.js';
import { CHANNEL, type Hub } from './hub.js';
import type { RedisSettings } from './options.js';
import { COMPARE_AND_SET } from './scripts.js';
import { reachable } from './unreachable.js';

type Change = (entry: LedgerEntry | undefined) => LedgerEntry | undefined;

/**
 * Called after each write. `isOwn`: the write was a sign-in, refresh or sign-out of this session. If not, it only added a
 * pause to an entry, which may be another session's news, or empty because Redis has lost it.
 */
type OnWritten = (value: string, isOwn: boolean) => void;

/** An entry as it was in Redis at some time. */
interface Version {
  /** Different for each write; `''` if there is no entry. */
  readonly id: string;
  readonly entry: LedgerEntry | undefined;
}

/** The same as `%S*` in a Lua script. */
const VERSION = /[^ \t\n\v\f\r]*/;
/** With each conflict, some writer makes progress. More conflicts than this are an error. */
const MOST_CONFLICTS = 50;
/** ms. A sign-out must be kept as long as a process may still have older tokens. */
const LONGEST_SIGN_OUT = 86_400_000;

/** The one entry that all processes share. Its value in Redis is a version, a space and the entry, which may be encrypted. */
export class RedisRecord {
  readonly #hub: Hub;
  readonly #settings: RedisSettings;
  readonly #onWritten: OnWritten;
  /** One change at a time: otherwise an earlier change that has to try again could be written after a later one. */
  #last: Promise<unknown> = Promise.resolve();
  #seen: Version | undefined;
  /** The entry that Redis has just returned: the next read need not ask again. */
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
   * Reads and writes in one step that no other process can interrupt, as `Meeting.update` says.
   * @throws {SessionError} `refresh_unavailable`; it is then unknown whether the entry was written.
   */
  update(change: Change): Promise<LedgerEntry | undefined> {
    const updated = this.#last.then(() => this.#update(change));
    this.#last = updated.catch(() => {});
    return reachable(updated, this.#settings.timeout);
  }

  /** Notes the current value in Redis for the next read. */
  async note(value: string | null): Promise<void> {
    this.#news = await this.#open(value);
  }

  /** Forgets the value that `note` got: it may be outdated. */
  forgetNews(): void {
    this.#news = undefined;
  }

  async #update(change: Change): Promise<LedgerEntry | undefined> {
    const news = this.#news;
    this.#news = undefined;
    const isOld = !news && !!this.#seen;
    let standing = news ?? this.#seen ?? (await this.#read());
    let next = change(standing.entry);
    // An entry that was read some time ago is good enough to try a write, but must not be returned.
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

  /** Writes the entry if Redis has the expected version. Otherwise resolves with the version that Redis has. */
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

  /** A value that cannot be read any more, or is not an entry, stays in Redis until the next sign-in. */
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

/** Returns `undefined` if the text is not an entry. `null`, for a text that can no longer be decrypted, is not an entry either. */
function parse(text: string | null): LedgerEntry | undefined {
  try {
    const entry: unknown = JSON.parse(text as string);
    return isLedgerEntry(entry) ? entry : undefined;
  } catch {
    return undefined;
  }
}
