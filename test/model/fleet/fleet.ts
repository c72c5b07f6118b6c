import type { TokenSet, TokenStore } from '../../../src/index.js';
import { redisStore } from '../../../src/redis/index.js';
import { RedisDouble } from '../../support/redis-double.ts';
import { installClock } from '../clock.ts';
import type { Place } from '../place.ts';
import { LOCAL, type World } from '../world.ts';

const KEY = 'model';

type OnMessage = (message: string) => void;

interface Subscriber {
  tab: number;
  onReady: (() => void) | undefined;
}

/**
 * Several processes and their Redis. A command arrives in one step, and its reply in another; the commands of one
 * connection arrive in order.
 */
export class FakeFleet implements Place {
  readonly whenCleared = 'forgotten';
  readonly #world: World;
  readonly #redis: RedisDouble;
  readonly #subscribers = new Map<OnMessage, Subscriber>();

  constructor(world: World) {
    this.#world = world;
    this.#redis = new RedisDouble(
      () => world.now,
      (_, message) => this.#publish(message),
    );
  }

  install(): () => void {
    return installClock(this.#world);
  }

  open(tab: number): TokenStore {
    return redisStore({ client: this.#client(tab), key: KEY });
  }

  close(tab: number): void {
    this.#world.forget(tab);
    for (const [listener, subscriber] of this.#subscribers)
      if (subscriber.tab === tab) this.#subscribers.delete(listener);
  }

  view(): TokenSet | null {
    const value = this.#redis.get(KEY);
    const { tokens = null, generation } = value ? JSON.parse(value.slice(value.indexOf(' '))) : {};
    return tokens && { ...tokens, generation };
  }

  /** Redis restarts without data. */
  clear(): void {
    this.#redis.flush();
    for (const [listener, { tab, onReady }] of this.#subscribers) {
      const run = () => {
        if (this.#subscribers.has(listener)) onReady?.();
      };
      this.#world.enqueue({ tab, lane: `news ${tab}`, label: 'is connected again', within: LOCAL, run });
    }
  }

  /** A separate step gives a turn back. This only checks that no process keeps one forever. */
  turnsOf(): number {
    return 0;
  }

  /** The same interface as `redis`. */
  #client(tab: number) {
    let onMessage: OnMessage | undefined;
    let onReady: (() => void) | undefined;
    return {
      get: (key: string) => this.#send(tab, `GET ${key}`, () => this.#redis.get(key)),
      eval: (script: string, { keys, arguments: args }: { keys: string[]; arguments: string[] }) =>
        this.#send(tab, `EVAL ${/redis.call\('(\w+)'/.exec(script)![1]}`, () =>
          this.#redis.run(script, keys, args),
        ),
      duplicate: () => ({
        on: (event: string, listener: () => void) => {
          if (event === 'ready') onReady = listener;
        },
        connect: async () => {},
        subscribe: async (_: string, listener: OnMessage) => {
          onMessage = listener;
          await this.#send(tab, 'SUBSCRIBE', () => this.#subscribers.set(listener, { tab, onReady }));
        },
        destroy: () => void (onMessage && this.#subscribers.delete(onMessage)),
      }),
    };
  }

  #send<T>(tab: number, name: string, act: () => T): Promise<T> {
    const world = this.#world;
    return new Promise((resolve) => {
      // A sent command arrives, even if the process is gone.
      world.enqueue({
        tab: undefined,
        lane: `to redis ${tab}`,
        label: `Redis does what process ${tab} asked: ${name}`,
        within: LOCAL,
        run: () => {
          const reply = act();
          world.enqueue({
            tab,
            lane: `from redis ${tab}`,
            label: `hears of its ${name}`,
            within: LOCAL,
            run: () => resolve(reply),
          });
        },
      });
    });
  }

  #publish(message: string): void {
    for (const [subscriber, { tab }] of this.#subscribers) {
      const run = () => {
        if (this.#subscribers.has(subscriber)) subscriber(message);
      };
      this.#world.enqueue({
        tab,
        lane: `news ${tab}`,
        label: 'hears that there is news',
        within: LOCAL,
        run,
      });
    }
  }
}
