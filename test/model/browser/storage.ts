import { type TokenSet, type TokenStore, tabs } from '../../../src/index.js';
import { LOCAL, type World } from '../world.ts';

export type PageStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The key of the tokens. */
const TOKENS = 'tokens';

/**
 * localStorage, which is not coherent: each tab has its own view, and the browser sends changes to the others later.
 * While a tab's own write to a key is pending, its view of the key does not change, as in Chromium.
 */
export class FakeStorage {
  readonly #world: World;
  readonly #disk = new Map<string, string>();
  readonly #areas = new Map<number, Area>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A new tab sees the writes that have reached the browser. */
  open(tab: number): TokenStore {
    const area = this.#join(tab);
    return {
      coordination: tabs('model'),
      read: () => this.view(tab),
      write: (tokens) => this.write(tab, tokens),
      subscribe(changed) {
        area.changed = changed;
        return () => delete area.changed;
      },
    };
  }

  /** The storage as the page sees it. */
  pageView(tab: number): PageStorage {
    const { view } = this.#join(tab);
    return {
      getItem: (key) => view.get(key) ?? null,
      setItem: (key, value) => this.#write(tab, key, value),
      removeItem: (key) => this.#write(tab, key, null),
    };
  }

  close(tab: number): void {
    this.#areas.delete(tab);
  }

  holdOld(tokens: TokenSet): void {
    this.#disk.set(TOKENS, JSON.stringify(tokens));
  }

  view(tab: number): TokenSet | null {
    const value = this.#areas.get(tab)?.view.get(TOKENS);
    return value ? JSON.parse(value) : null;
  }

  write(tab: number, tokens: TokenSet | null): void {
    this.#write(tab, TOKENS, tokens && JSON.stringify(tokens));
  }

  #join(tab: number): Area {
    const area = this.#areas.get(tab) ?? { view: new Map(this.#disk), unheard: new Map() };
    this.#areas.set(tab, area);
    return area;
  }

  #write(tab: number, key: string, value: string | null): void {
    const { view, unheard } = this.#areas.get(tab)!;
    put(view, key, value);
    unheard.set(key, (unheard.get(key) ?? 0) + 1);
    this.#world.enqueue({
      tab: undefined,
      lane: `storage of ${tab}`,
      label: `the browser stores what tab ${tab} wrote: ${describe(key, value)}`,
      within: LOCAL,
      run: () => this.#store(tab, key, value),
    });
  }

  #store(from: number, key: string, value: string | null): void {
    const news = value !== (this.#disk.get(key) ?? null);
    put(this.#disk, key, value);
    for (const [tab, area] of this.#areas) {
      const { view, unheard } = area;
      if (tab === from)
        this.#tell(tab, 'its write is stored', () => void unheard.set(key, unheard.get(key)! - 1));
      else if (news)
        this.#tell(tab, `storage event: ${describe(key, value)}`, () => {
          if (!unheard.get(key)) put(view, key, value);
          area.changed?.();
        });
    }
  }

  #tell(tab: number, label: string, run: () => void): void {
    this.#world.enqueue({ tab, lane: `storage to ${tab}`, label, within: LOCAL, run });
  }
}

interface Area {
  view: Map<string, string>;
  /** Own writes to each key that the browser has not confirmed. */
  unheard: Map<string, number>;
  changed?: () => void;
}

function put(values: Map<string, string>, key: string, value: string | null): void {
  if (value === null) values.delete(key);
  else values.set(key, value);
}

function describe(key: string, value: string | null): string {
  if (key !== TOKENS) return `${key} ${value}`;
  return value ? `tokens of generation …${String(JSON.parse(value).generation).slice(-6)}` : 'nothing';
}
