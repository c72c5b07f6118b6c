import { readExisting } from './backends/read-answer.js';
import { report } from './events.js';
import type { Settings } from './options.js';
import type { TokenSet } from './tokens/token-set.js';

/** Tokens from before this SDK: from the option `existing`, or from a store that holds what old code wrote. */
export class Existing {
  readonly #settings: Settings;
  #tokens: Promise<TokenSet | undefined> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Asks the application, once. `undefined`: there are none. Never rejects. */
  ask(): Promise<TokenSet | undefined> {
    this.#tokens ??= this.#ask();
    return this.#tokens;
  }

  /** The store holds these. */
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
