/** The key in `sessionStorage`. */
const KEY = 'unexpired:idle';

/** A record of this tab only. It survives a reload. */
export class TabRecord<Value> {
  /** Used if there is no storage. */
  #value: Value | undefined;

  /** `change` returns the new value, or `undefined` to keep the old one. Resolves with the value after the change. */
  async update(change: (value: Value | undefined) => Value | undefined): Promise<Value | undefined> {
    const value = change(this.#read());
    if (value) this.#write(value);
    return value ?? this.#read();
  }

  #read(): Value | undefined {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)!) ?? this.#value;
    } catch {
      return this.#value;
    }
  }

  #write(value: Value): void {
    this.#value = value;
    try {
      sessionStorage.setItem(KEY, JSON.stringify(value));
    } catch {
      // Kept in memory.
    }
  }
}
