import type { TokenSet } from '../../src/index.js';
import { Guarantees } from './laws.ts';
import type { Move, Program } from './moves.ts';
import type { Place } from './place.ts';
import { Server } from './server.ts';
import { Tab } from './tab.ts';
import { World } from './world.ts';

/** ms. After this time, no wait after an earlier failure delays a refresh. */
const PEACE = 120_000;

export type MakePlace = (world: World, program: Program) => Place;

/** Runs a program from beginning to end. Throws the first broken guarantee, with everything that happened before. */
export async function run(program: Program, makePlace: MakePlace): Promise<void> {
  const model = new Model(program, makePlace);
  const restore = model.place.install();
  try {
    await model.run(program);
  } finally {
    restore();
  }
}

class Model {
  readonly world = new World();
  readonly place: Place;
  readonly #guarantees: Guarantees;
  readonly #server: Server;
  #tabs: Tab[] = [];
  #opened = 0;
  #existing: TokenSet | undefined;

  constructor(program: Program, makePlace: MakePlace) {
    this.place = makePlace(this.world, program);
    this.#guarantees = new Guarantees(this.world, program.rotation);
    this.#server = new Server(this.world, this.#guarantees, program);
    this.#guarantees.server = this.#server;
  }

  async run({ start, tabs, moves }: Program): Promise<void> {
    if (start === 'sign-in') await this.#signIn(tabs);
    else await this.#restore(start, tabs);
    for (const move of moves) {
      await this.#make(move);
      this.#report();
    }
    await this.#finish();
  }

  async #signIn(tabs: number): Promise<void> {
    await this.#open();
    await this.#turn(0, 'signs in', (tab) => tab.signIn('ann'));
    await this.world.settle();
    while (this.#opened < tabs) await this.#open();
    await this.world.settle();
    this.world.trace.length = 0;
  }

  /** A browser restores all tabs at the same time, after a deployment that introduced this SDK. */
  async #restore(start: Program['start'], tabs: number): Promise<void> {
    const old = this.#server.logIn('ann');
    this.#guarantees.delivered(0, old);
    if (start === 'old store' && this.place.holdOld) this.place.holdOld(old);
    else this.#existing = old;
    while (this.#opened < tabs) await this.#open();
  }

  async #make(move: Move): Promise<void> {
    switch (move.move) {
      case 'signIn':
        return this.#turn(move.tab, `signs in as ${move.user}`, (tab) => tab.signIn(move.user));
      case 'signOut':
        return this.#turn(move.tab, 'signs out', (tab) => tab.signOut());
      case 'request':
        return this.#turn(move.tab, 'begins a request', (tab) => tab.request());
      case 'refresh':
        return this.#turn(move.tab, 'calls refresh()', (tab) => tab.refresh());
      case 'kill':
        return this.#kill(move.tab);
      case 'clear':
        return this.#clear(move.tab);
      case 'open':
        return this.#opened < 8 ? this.#open() : undefined;
      case 'step':
        return this.world.step(move.choice);
      case 'drain':
        return this.world.drain();
      case 'wait':
        return this.world.advance(move.ms);
      default:
        return this.#befall(move);
    }
  }

  /** Simulates an event of the server. */
  #befall(
    move: Exclude<Move, { move: 'signIn' | 'signOut' | 'request' | 'refresh' | 'kill' | 'clear' }>,
  ): void {
    if (move.move === 'expire') this.#server.expireAccessTokens();
    if (move.move === 'revoke') this.#server.revoke();
    if (move.move === 'fail') this.#server.failNext(move.fault);
    if (move.move === 'failRevoke') this.#server.failNextRevoke(move.fault);
    const name = 'fault' in move ? `${move.move}: ${move.fault}` : move.move;
    this.world.note(undefined, `server: ${name}`);
    if (name === 'revoke' || (move.move === 'fail' && !['unsent', '503'].includes(move.fault)))
      this.#guarantees.excused = true;
  }

  async #open(): Promise<void> {
    const id = this.#opened++;
    if (this.#guarantees.cleared || this.#guarantees.forgotten) this.#guarantees.torn = true;
    const around = {
      ...{ world: this.world, place: this.place, server: this.#server, guarantees: this.#guarantees },
      existing: this.#existing,
    };
    await this.world.turn(id, 'is opened', () => void this.#tabs.push(new Tab(id, around)));
  }

  async #turn(index: number, label: string, act: (tab: Tab) => void): Promise<void> {
    const tab = this.#tabs[index % this.#tabs.length];
    if (tab) await this.world.turn(tab.id, label, () => act(tab));
  }

  #kill(index: number): void {
    const tab = this.#tabs[index % this.#tabs.length];
    if (!tab) return;
    this.world.note(tab.id, 'is killed');
    this.#tabs = this.#tabs.filter((other) => other !== tab);
    this.#guarantees.lost(tab);
    this.#server.abandon(tab.id);
    this.place.close(tab.id);
  }

  async #clear(index: number): Promise<void> {
    this.#guarantees.excused = true;
    this.#guarantees[this.place.whenCleared] = true;
    await this.#turn(index, 'the storage is cleared', ({ id }) => this.place.clear(id));
  }

  async #finish(): Promise<void> {
    this.world.note(undefined, '--- everything that is under way happens');
    await this.world.settle();
    await this.world.advance(PEACE);
    if (this.#guarantees.killed.size) await this.#catchUp();
    this.#guarantees.atRest(this.#tabs, ({ id }) => this.place.view(id));
    this.#report();
    if (!this.#guarantees.excused) await this.#probe();
    await this.#dispose();
  }

  /** The last change of a killed tab may reach the other tabs only with their next refresh. */
  async #catchUp(): Promise<void> {
    for (const tab of this.#tabs) await this.world.turn(tab.id, 'calls refresh()', () => tab.refresh());
    await this.world.settle();
  }

  /** For a live session: the requests of all tabs are refused at the same time, and after one refresh all succeed. */
  async #probe(): Promise<void> {
    this.world.note(undefined, '--- every tab sends a request with an expired token');
    const signedIn = this.#tabs.filter(({ user }) => user);
    const before = this.#server.calls.length;
    this.#server.forgive();
    this.#server.expireAccessTokens();
    for (const tab of signedIn) await this.world.turn(tab.id, 'begins a request', () => tab.request());
    await this.world.settle();
    this.#guarantees.atRest(this.#tabs, ({ id }) => this.place.view(id));
    for (const { id, operations } of signedIn)
      this.#guarantees.assert(operations.at(-1)?.outcome === 200, `tab ${id}: the request is not answered`);
    const refreshes = this.#server.calls.length - before;
    this.#guarantees.assert(
      refreshes === Math.min(1, signedIn.length),
      `${refreshes} refreshes for one expiry`,
    );
    this.#report();
  }

  async #dispose(): Promise<void> {
    for (const { id, session } of this.#tabs) {
      await this.world.turn(id, 'is disposed', () => session.dispose());
      await this.world.drain();
      const remains = this.world.remains(id);
      this.#guarantees.assert(remains.length === 0, `tab ${id} leaves behind: ${remains.join(', ')}`);
      this.#guarantees.assert(this.place.turnsOf(id) === 0, `tab ${id} leaves a turn behind`);
    }
    this.#report();
  }

  #report(): void {
    const { broken } = this.#guarantees;
    if (broken) throw new Error([broken, ...this.world.trace].join('\n'));
  }
}
