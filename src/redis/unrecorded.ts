/** ms between two tries, doubled after each try. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;
/** About a minute in all. */
const MOST_TRIES = 16;

/** A change of this process that could not be written to Redis. It is tried again for a minute, and before each refresh. */
export class Unrecorded {
  #act: (() => Promise<void>) | undefined;

  /** Tries `act` again for about a minute. Replaces an earlier `act`. */
  keep(act: () => Promise<void>): void {
    this.#act = act;
    void this.#tryAgain(act);
  }

  forget(): void {
    this.#act = undefined;
  }

  /** Tries now. Rejects if the change still cannot be written. */
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

/** The timer must not keep a process alive that has nothing else to do. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms) as unknown as { unref?(): void };
    timer.unref?.();
  });
}
