import { COMPARE_AND_SET, GIVE_TURN_BACK, TAKE_TURN } from '../../src/redis/scripts.js';

type Reply = string | number | null | (string | number | null)[];

/**
 * What Redis does with the commands of this package, in memory, with a clock that the test controls.
 * test/redis/double.test.ts compares it with the real one.
 */
export class RedisDouble {
  readonly #now: () => number;
  readonly #publish: (channel: string, message: string) => void;
  readonly #values = new Map<string, { value: string; until: number }>();

  constructor(now: () => number, publish: (channel: string, message: string) => void) {
    this.#now = now;
    this.#publish = publish;
  }

  get(key: string): string | null {
    const held = this.#values.get(key);
    return held && held.until > this.#now() ? held.value : null;
  }

  set(key: string, value: string, ms: number): void {
    this.#values.set(key, { value, until: this.#now() + ms });
  }

  flush(): void {
    this.#values.clear();
  }

  /** Returns the reply of `EVAL`. */
  run(script: string, [first = '', second = '']: string[], args: string[]): Reply {
    if (script === '') return null; // this command does nothing here
    if (script === TAKE_TURN) return this.#takeTurn(first, second, args);
    if (script === GIVE_TURN_BACK) return this.#giveTurnBack(first, args);
    if (script === COMPARE_AND_SET) return this.#compareAndSet(first, args);
    throw new Error('The double does not know this script');
  }

  #takeTurn(entry: string, turn: string, [owner = '', ms = '']: string[]): Reply {
    const before = this.get(turn);
    const taken = before === null || before === owner;
    if (taken) this.set(turn, owner, Number(ms));
    return [taken ? 1 : 0, this.get(entry)];
  }

  #giveTurnBack(turn: string, [owner]: string[]): Reply {
    if (this.get(turn) === owner) this.#values.delete(turn);
    return null;
  }

  #compareAndSet(key: string, [expected, value = '', ms = '', channel = '', message = '']: string[]): Reply {
    const before = this.get(key);
    const version = /^[^ \t\n\v\f\r]*/.exec(before ?? '')![0];
    if (version !== expected) return before ?? '';
    this.set(key, value, Number(ms));
    this.#publish(channel, message);
    return null;
  }
}
