import { isObject } from '../kind-of.js';
import { Channel } from '../tabs/channel.js';
import type { Entry } from './entry.js';
import { isId } from './log.js';

/** Sends events to the recorders of other tabs, and receives theirs. A sleeping tab receives nothing. */
export class TabLine {
  readonly #channel: Channel;
  readonly #close: () => void;

  constructor(name: string, onEntry: (from: number, entry: object) => void) {
    this.#channel = new Channel(name, (message) => {
      const { from, entry } = message as { from?: unknown; entry?: unknown };
      if (isId(from) && isObject(entry)) onEntry(from, entry);
    });
    this.#close = this.#channel.open({ changed() {} });
  }

  tell(from: number, entry: Entry): void {
    this.#channel.post({ type: 'recorded', from, entry } as { type: string });
  }

  close(): void {
    this.#close();
  }
}
