import { type Commands, commandsOf, type RedisClient } from './client.js';

/** The Redis channel for the changes of all sessions in all processes. Redis shares channels between its databases. */
export const CHANNEL = 'unexpired';

/** Gets the current value of an entry in Redis; `null`: there is none. */
export type Listener = (value: string | null) => void;

const hubs = new WeakMap<RedisClient, Hub>();

/**
 * What all sessions of this process with the same client share: one subscription, one read of each change, and one queue
 * for each key.
 */
export class Hub {
  readonly commands: Commands;
  readonly #listeners = new Map<string, Set<Listener>>();
  /** The end of the queue for each key. */
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

  /** Calls `listener` when the entry changes. Returns a function that stops it. */
  listen(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      if (listeners.delete(listener) && !listeners.size) this.#listeners.delete(key);
    };
  }

  /** Passes the value of an entry to the sessions of this process, except `teller`. */
  tell(key: string, value: string | null, teller?: Listener): void {
    for (const listener of [...(this.#listeners.get(key) ?? [])]) if (listener !== teller) listener(value);
  }

  /** Listens to other processes, too. Returns a function that stops it; the last one to do so closes the connection. */
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

  /** Waits until the sessions of this process that came before have left the queue. Resolves with a function that leaves it. */
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

  /** Reads an entry once for all sessions with this key. */
  async #read(key: string): Promise<void> {
    if (!this.#listeners.has(key)) return;
    try {
      this.tell(key, await this.commands.get(key));
    } catch {} // the next turn reads it again
  }

  /** Reads the entries one after the other: a Redis server that has just come back must not get thousands of commands at once. */
  async #readAll(): Promise<void> {
    for (const key of [...this.#listeners.keys()]) await this.#read(key);
  }
}
