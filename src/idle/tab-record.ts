/** The key in `sessionStorage`. */
const KEY = 'unexpired:idle';

/** One record of this tab alone, which outlives a reload. */
export class TabRecord<Value> {
  /** Used where there is no storage. */
  #value: Value | undefined;

  /** `change` returns the new value, or `undefined` to keep the old one. Resolves with the value that stands afterwards. */
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
