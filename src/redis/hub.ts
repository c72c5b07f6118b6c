import { type Commands, commandsOf, type RedisClient } from './client.js';

/** All sessions of all processes are told of changes here. The channel does not depend on the number of the database. */
export const CHANNEL = 'unexpired';

/** Hears of an entry as it stands in Redis; `null`: there is none. */
export type Listener = (value: string | null) => void;

const hubs = new WeakMap<RedisClient, Hub>();

/**
 * What all sessions of this process with one client have in common: one subscription, one reading of what has changed, and
 * one place in the queue for each key.
 */
export class Hub {
  readonly commands: Commands;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** The last in the queue for each key. */
  readonly #queue = new Map<string, Promise<void>>();
  #subscribers = 0;
  #unsubscribe = (): void => {};

  private constructor(client: RedisClient) {
    this.commands = commandsOf(client);
  }

  static of(client: RedisClient): Hub {
    const hub = hubs.get(client) ?? new Hub(client);
    hubs.set(client, hub);
    return hub;
  }

  /** Returns what ends it. */
  listen(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      if (listeners.delete(listener) && !listeners.size) this.#listeners.delete(key);
    };
  }

  /** Tells the sessions of this process, but for `teller`, how an entry stands. */
  tell(key: string, value: string | null, teller?: Listener): void {
    for (const listener of [...(this.#listeners.get(key) ?? [])]) if (listener !== teller) listener(value);
  }

  /** Hears of other processes as well. Returns what ends it; the last one to do so closes the connection. */
  subscribe(): () => void {
    if (!this.#subscribers++)
      this.#unsubscribe = this.commands.subscribe(
        CHANNEL,
        (key) => void this.#read(key),
        () => void this.#readAll(),
      );
    return () => {
      if (!--this.#subscribers) this.#unsubscribe();
    };
  }

  /** Waits until the sessions of this process that came before have had their turn. Resolves with what lets the next one in. */
  async enter(key: string): Promise<() => void> {
    const before = this.#queue.get(key);
    let leave!: () => void;
    const mine = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const last = before ? before.then(() => mine) : mine;
    this.#queue.set(key, last);
    void last.then(() => {
      if (this.#queue.get(key) === last) this.#queue.delete(key);
    });
    await before;
    return leave;
  }

  /** Once for all sessions with this key. */
  async #read(key: string): Promise<void> {
    if (!this.#listeners.has(key)) return;
    try {
      this.tell(key, await this.commands.get(key));
    } catch {} // the next turn reads it again
  }

  /** One after the other: a server that is back must not get thousands of commands at once. */
  async #readAll(): Promise<void> {
    for (const key of [...this.#listeners.keys()]) await this.#read(key);
  }
}
