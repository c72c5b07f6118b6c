import { type TokenSet, type TokenStore, tabs } from '../../../src/index.js';
import { LOCAL, type World } from '../world.ts';

/**
 * localStorage, which is not coherent: each tab has its own view, and the browser sends changes to the others later.
 * While a tab's own write is pending, its view does not change, as in Chromium.
 */
export class FakeStorage {
  disk: string | null = null;
  readonly #world: World;
  readonly #areas = new Map<number, Area>();

  constructor(world: World) {
    this.#world = world;
  }

  /** A new tab sees what has reached the browser. */
  open(tab: number): TokenStore {
    const area: Area = { view: this.disk, unheard: 0 };
    this.#areas.set(tab, area);
    return {
      coordination: tabs('model'),
      read: () => parse(area.view),
      write: (tokens) => this.write(tab, tokens),
      subscribe(changed) {
        area.changed = changed;
        return () => delete area.changed;
      },
    };
  }

  close(tab: number): void {
    this.#areas.delete(tab);
  }

  view(tab: number): TokenSet | null {
    return parse(this.#areas.get(tab)?.view ?? null);
  }

  write(tab: number, tokens: TokenSet | null): void {
    const area = this.#areas.get(tab)!;
    area.view = tokens && JSON.stringify(tokens);
    area.unheard++;
    const value = area.view;
    this.#world.enqueue({
      tab: undefined,
      lane: `storage of ${tab}`,
      label: `the browser stores what tab ${tab} wrote: ${describe(tokens)}`,
      within: LOCAL,
      run: () => this.#store(tab, value),
    });
  }

  #store(from: number, value: string | null): void {
    const news = value !== this.disk;
    this.disk = value;
    for (const [tab, area] of this.#areas) {
      if (tab === from) this.#tell(tab, 'its write is stored', () => void area.unheard--);
      else if (news)
        this.#tell(tab, `storage event: ${describe(parse(value))}`, () => {
          if (!area.unheard) area.view = value;
          area.changed?.();
        });
    }
  }

  #tell(tab: number, label: string, run: () => void): void {
    this.#world.enqueue({ tab, lane: `storage to ${tab}`, label, within: LOCAL, run });
  }
}

interface Area {
  view: string | null;
  /** Own writes that the browser has not confirmed. */
  unheard: number;
  changed?: () => void;
}

function parse(value: string | null): TokenSet | null {
  return value === null ? null : JSON.parse(value);
}

function describe(tokens: TokenSet | null): string {
  return tokens ? `tokens of generation …${String(tokens.generation).slice(-6)}` : 'nothing';
}
