import type { RedisClient } from '../../src/redis/index.js';
import { RedisDouble } from '../support/redis-double.ts';

type Listener = (...args: string[]) => void;

/** A listening connection of either library. */
export class Subscriber {
  readonly listeners = new Map<string, Listener>();
  readonly channels: string[] = [];
  hear: ((message: string) => void) | undefined;
  /** The call that closed it. */
  closed: string | undefined;
  /** The number of times that it was told not to keep the process alive. */
  unrefs = 0;
  unref = (): void => void this.unrefs++;
  stream: { unref(): void } | undefined = { unref: () => void this.unrefs++ };
  pubSubNode: { client: { unref(): void } } | undefined = { client: { unref: () => void this.unrefs++ } };
  connecting: () => Promise<unknown> = async () => {};
  closing: () => unknown = () => {};

  readonly options: unknown;

  constructor(options?: unknown) {
    this.options = options;
  }

  on(event: string, listener: Listener): void {
    this.listeners.set(event, listener);
  }

  connect(): Promise<unknown> {
    return this.connecting();
  }

  async subscribe(channel: string, hear?: (message: string) => void): Promise<void> {
    this.channels.push(channel);
    this.hear = hear;
  }

  destroy(): unknown {
    this.closed = 'destroy';
    return this.closing();
  }

  disconnect(): unknown {
    this.closed = 'disconnect';
    return this.closing();
  }
}

/** A Redis in memory with the test's clock, and clients of both libraries. */
export class MemoryRedis {
  readonly double: RedisDouble;
  readonly subscribers: Subscriber[] = [];
  /** The received commands: `get key`, or the arguments of a script. */
  readonly commands: string[] = [];
  /** Runs before Redis gets a command. It can throw, or never end. */
  before: () => unknown = () => {};
  /** Runs before the client gets a reply. */
  after: () => unknown = () => {};

  constructor() {
    this.double = new RedisDouble(
      () => Date.now(),
      (channel, message) => {
        for (const { channels, hear, listeners, closed } of this.subscribers) {
          if (closed || !channels.includes(channel)) continue;
          hear?.(message);
          listeners.get('message')?.(channel, message);
        }
      },
    );
  }

  /** A client like that of `redis`. */
  node(more: object = {}): RedisClient {
    return {
      get: (key: string) => this.#get(key),
      eval: (script: string, { keys, arguments: args }: { keys: string[]; arguments: string[] }) =>
        this.#run(script, keys, args),
      duplicate: (options?: unknown) => this.#listen(new Subscriber(options)),
      ...more,
    } as RedisClient;
  }

  /** A client like that of `ioredis`. */
  io(): RedisClient {
    return {
      defineCommand: () => {},
      get: (key: string) => this.#get(key),
      eval: (script: string, count: number, ...rest: string[]) =>
        this.#run(script, rest.slice(0, count), rest.slice(count)),
      duplicate: (options?: unknown) => this.#listen(new Subscriber(options)),
    } as RedisClient;
  }

  #listen(subscriber: Subscriber): Subscriber {
    this.subscribers.push(subscriber);
    return subscriber;
  }

  async #get(key: string): Promise<string | null> {
    this.commands.push(`get ${key}`);
    await this.before();
    const value = this.double.get(key);
    await this.after();
    return value;
  }

  async #run(script: string, keys: string[], args: string[]): Promise<unknown> {
    this.commands.push(`${/redis.call\('GET', KEYS\[2\]/.test(script) ? 'turn' : 'eval'} ${keys.join(' ')}`);
    await this.before();
    const reply = this.double.run(script, keys, args);
    await this.after();
    return reply;
  }
}
