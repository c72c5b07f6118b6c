import type { TokenSet } from '../../src/index.js';
import type { Program } from './moves.ts';
import type { Place } from './place.ts';
import { Server } from './server.ts';
import type { MakeSetting, Setting } from './setting.ts';
import type { Tab } from './tab.ts';
import { TokenGuarantees } from './token-laws.ts';
import { TokenTab } from './token-tab.ts';
import type { World } from './world.ts';

/** Sessions whose pages hold their tokens, in a browser or a fleet. */
export function withTokens(makePlace: (world: World, program: Program) => Place): MakeSetting {
  return (world, program) => new TokenSetting(world, program, makePlace(world, program));
}

class TokenSetting implements Setting {
  readonly guarantees: TokenGuarantees;
  readonly server: Server;
  readonly #world: World;
  readonly #place: Place;
  #existing: TokenSet | undefined;

  constructor(world: World, program: Program, place: Place) {
    this.#world = world;
    this.#place = place;
    this.guarantees = new TokenGuarantees(world, program.rotation, ({ id }) => place.view(id));
    this.server = new Server(world, this.guarantees, program);
    this.guarantees.server = this.server;
  }

  get whenCleared(): Place['whenCleared'] {
    return this.#place.whenCleared;
  }

  install(): () => void {
    return this.#place.install();
  }

  prepare(start: Program['start']): void {
    const old = this.server.logIn('ann');
    this.guarantees.delivered(0, old);
    if (start === 'old store' && this.#place.holdOld) this.#place.holdOld(old);
    else this.#existing = old;
  }

  open(id: number): Tab {
    const { guarantees, server } = this;
    return new TokenTab(id, {
      ...{ world: this.#world, place: this.#place, server, guarantees },
      existing: this.#existing,
    });
  }

  close(tab: number): void {
    this.server.abandon(tab);
    this.#place.close(tab);
  }

  clear(tab: number): void {
    this.#place.clear(tab);
  }

  turnsOf(tab: number): number {
    return this.#place.turnsOf(tab);
  }
}
