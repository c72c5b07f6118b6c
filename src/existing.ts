import { readExisting } from './backends/read-answer.js';
import { report } from './events.js';
import type { Settings } from './options.js';
import type { TokenSet } from './tokens/token-set.js';

/** Tokens from the time before this SDK: from the option `existing`, or written to the store by old code. */
export class Existing {
  readonly #settings: Settings;
  #tokens: Promise<TokenSet | undefined> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Resolves with these tokens; `undefined` if there are none. Calls `existing` at most once. Never rejects. */
  ask(): Promise<TokenSet | undefined> {
    this.#tokens ??= this.#ask();
    return this.#tokens;
  }

  /** Uses these tokens, which are in the store, instead of calling `existing`. */
  offer(tokens: TokenSet): void {
    this.#tokens = Promise.resolve(tokens);
  }

  async #ask(): Promise<TokenSet | undefined> {
    const { backend, existing } = this.#settings;
    try {
      return readExisting(backend, await existing?.());
    } catch (error) {
      report(error);
      return undefined;
    }
  }
}
