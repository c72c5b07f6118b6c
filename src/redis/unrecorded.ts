/** ms between two tries; doubled with each. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;
/** About a minute. */
const MOST_TRIES = 16;

/** What happened in this process and could not be written to Redis: tried again for a minute, and whenever Redis answers. */
export class Unrecorded {
  #act: (() => Promise<void>) | undefined;

  /** Replaces what was kept before. */
  keep(act: () => Promise<void>): void {
    this.#act = act;
    void this.#tryAgain(act);
  }

  forget(): void {
    this.#act = undefined;
  }

  /** Rejects if it still cannot be written. */
  async record(): Promise<void> {
    const act = this.#act;
    await act?.();
    if (this.#act === act) this.#act = undefined;
  }

  async #tryAgain(act: () => Promise<void>): Promise<void> {
    for (
      let tries = 0, wait = FIRST_WAIT;
      tries < MOST_TRIES;
      tries++, wait = Math.min(wait * 2, LONGEST_WAIT)
    ) {
      await pause(wait * (0.5 + Math.random() / 2));
      if (this.#act !== act) return;
      await this.record().catch(() => {});
    }
  }
}

/** It must not keep a process alive that has nothing else to do. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms) as unknown as { unref?(): void };
    timer.unref?.();
  });
}
