import { FakeBrowser } from '../browser/browser.ts';
import { replace } from '../clock.ts';
import type { CookieProgram } from '../moves.ts';
import type { MakeSetting, Setting } from '../setting.ts';
import type { Tab } from '../tab.ts';
import type { World } from '../world.ts';
import { CookieJar } from './jar.ts';
import { CookieGuarantees } from './laws.ts';
import { FakeNetwork } from './network.ts';
import { CookieServer } from './server.ts';
import { CookieTab } from './tab.ts';

/** Sessions whose tokens are in the browser's cookies. For a `CookieProgram`. */
export const withCookies: MakeSetting = (world, program) =>
  new CookieSetting(world, program as CookieProgram);

/** The tabs of a browser that has both tokens in its cookies. */
class CookieSetting implements Setting {
  readonly whenCleared = 'cleared';
  readonly guarantees: CookieGuarantees;
  readonly server: CookieServer;
  readonly #world: World;
  readonly #program: CookieProgram;
  readonly #jar = new CookieJar();
  readonly #browser: FakeBrowser;
  readonly #network: FakeNetwork;

  constructor(world: World, program: CookieProgram) {
    this.#world = world;
    this.#program = program;
    this.#browser = new FakeBrowser(world, program);
    this.server = new CookieServer(world, this.#program);
    this.guarantees = new CookieGuarantees(world, program.rotation, this.#jar);
    this.guarantees.server = this.server;
    this.#network = new FakeNetwork(world, this.#jar, this.server, this.guarantees);
  }

  install(): () => void {
    const storageOf = () => this.#browser.storageOf(this.#world.current!);
    const jar = this.#jar;
    const document = {
      get cookie() {
        return jar.readable;
      },
      addEventListener() {},
      removeEventListener() {},
    };
    const undo = [
      this.#browser.install(),
      replace(globalThis, 'document', document),
      replace(globalThis, 'fetch', this.#network.fetch),
      replace(globalThis, 'localStorage', {
        getItem: (key: string) => storageOf().getItem(key),
        setItem: (key: string, value: string) => storageOf().setItem(key, value),
        removeItem: (key: string) => storageOf().removeItem(key),
      }),
    ];
    return () => {
      for (const restore of undo) restore();
    };
  }

  /** The browser has ann's cookies at the start. */
  prepare(): void {
    const { cookies = {} } = this.server.logIn('ann');
    this.#jar.change(cookies);
  }

  open(tab: number): Tab {
    this.guarantees.opened(tab);
    return new CookieTab(tab, { world: this.#world, guarantees: this.guarantees, program: this.#program });
  }

  close(tab: number): void {
    this.#network.close(tab);
    this.#browser.close(tab);
  }

  /** The user deletes the site's cookies. */
  clear(): void {
    this.#jar.clear();
  }

  turnsOf(tab: number): number {
    return this.#browser.turnsOf(tab);
  }
}
