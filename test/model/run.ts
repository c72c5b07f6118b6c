import type { Guarantees } from './laws.ts';
import type { Move, Program } from './moves.ts';
import type { MakeSetting, ServerControls, Setting } from './setting.ts';
import type { Tab } from './tab.ts';
import { World } from './world.ts';

/** ms. After this time, no wait after an earlier failure delays a refresh. */
const PEACE = 120_000;

/** Runs a program from beginning to end. Throws the first broken guarantee, with everything that happened before. */
export async function run(program: Program, makeSetting: MakeSetting): Promise<void> {
  const model = new Model(program, makeSetting);
  const restore = model.setting.install();
  try {
    await model.run(program);
  } finally {
    restore();
  }
}

class Model {
  readonly world = new World();
  readonly setting: Setting;
  readonly #guarantees: Guarantees;
  readonly #server: ServerControls;
  readonly #start: Program['start'];
  readonly #order: readonly number[];
  #tabs: Tab[] = [];
  #opened = 0;

  constructor(program: Program, makeSetting: MakeSetting) {
    this.setting = makeSetting(this.world, program);
    this.#start = program.start;
    this.#order = program.probe ?? [];
    this.#guarantees = this.setting.guarantees;
    this.#server = this.setting.server;
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
    await this.world.settle();
    await this.#turn(0, 'signs in', (tab) => tab.signIn('ann'));
    await this.world.settle();
    while (this.#opened < tabs) await this.#open();
    await this.world.settle();
    if (!process.env.KEEP) this.world.trace.length = 0;
  }

  /** A browser restores all tabs at the same time, after a deployment that introduced this SDK. */
  async #restore(start: Program['start'], tabs: number): Promise<void> {
    this.setting.prepare(start);
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
    if (move.move === 'expire') this.#expire();
    if (move.move === 'revoke') this.#server.revoke();
    if (move.move === 'fail') this.#server.failNext(move.fault);
    if (move.move === 'failRevoke') this.#server.failNextRevoke(move.fault);
    const name = 'fault' in move ? `${move.move}: ${move.fault}` : move.move;
    this.world.note(undefined, `server: ${name}`);
    if (name === 'revoke' || (move.move === 'fail' && !['unsent', '503'].includes(move.fault)))
      this.#guarantees.excused = true;
  }

  #expire(): void {
    this.#server.expireAccessTokens();
    this.#guarantees.expired();
  }

  async #open(): Promise<void> {
    const id = this.#opened++;
    if (this.#guarantees.cleared || this.#guarantees.forgotten) this.#guarantees.torn = true;
    await this.world.turn(id, 'is opened', () => void this.#tabs.push(this.setting.open(id)));
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
    this.setting.close(tab.id);
  }

  async #clear(index: number): Promise<void> {
    this.#guarantees.excused = true;
    this.#guarantees[this.setting.whenCleared] = true;
    // A process that opens with `existing` and an empty store gets the old tokens again, even after a sign-out.
    if (this.#guarantees.forgotten && this.#start !== 'sign-in') this.#guarantees.torn = true;
    await this.#turn(index, 'the storage is cleared', ({ id }) => this.setting.clear(id));
  }

  async #finish(): Promise<void> {
    this.world.note(undefined, '--- everything that is under way happens');
    await this.world.settle();
    await this.world.advance(PEACE);
    if (this.#guarantees.killed.size) await this.#catchUp();
    this.#guarantees.atRest(this.#tabs);
    this.#report();
    const { excused, crossed } = this.#guarantees;
    if (!excused && !crossed && !this.#guarantees.mayBeRevoked(this.#tabs)) await this.#probe();
    await this.#dispose();
  }

  /** The last change of a killed tab may reach the other tabs only with their next refresh. */
  async #catchUp(): Promise<void> {
    for (const tab of this.#tabs) await this.world.turn(tab.id, 'calls refresh()', () => tab.refresh());
    await this.world.settle();
  }

  /**
   * For a session that has not ended: the server refuses the requests of all tabs at the same time, and after one
   * refresh all succeed.
   */
  async #probe(): Promise<void> {
    this.#server.forgive();
    await this.#findOut();
    this.world.note(undefined, '--- every tab sends a request with an expired token');
    const signedIn = this.#tabs.filter(({ user }) => user);
    const before = this.#server.calls.length;
    this.#expire();
    for (const tab of signedIn) await this.world.turn(tab.id, 'begins a request', () => tab.request());
    for (const choice of this.#order) await this.world.step(choice);
    await this.world.settle();
    this.#guarantees.atRest(this.#tabs);
    for (const { id, operations } of signedIn)
      this.#guarantees.assert(operations.at(-1)?.outcome === 200, `tab ${id}: the request is not answered`);
    const refreshes = this.#server.calls.length - before;
    this.#guarantees.assert(
      refreshes === Math.min(1, signedIn.length),
      `${refreshes} refreshes for one expiry`,
    );
    this.#report();
  }

  /** Tabs whose calls have failed do not know yet whether somebody is signed in. */
  async #findOut(): Promise<void> {
    const open = this.#tabs.filter(({ session }) => session.status === 'restoring');
    for (const tab of open) await this.world.turn(tab.id, 'calls refresh()', () => tab.refresh());
    await this.world.settle();
  }

  async #dispose(): Promise<void> {
    for (const { id, session } of this.#tabs) {
      await this.world.turn(id, 'is disposed', () => session.dispose());
      await this.world.drain();
      const remains = this.world.remains(id);
      this.#guarantees.assert(remains.length === 0, `tab ${id} leaves behind: ${remains.join(', ')}`);
      this.#guarantees.assert(this.setting.turnsOf(id) === 0, `tab ${id} leaves a turn behind`);
    }
    this.#report();
  }

  #report(): void {
    const { broken } = this.#guarantees;
    if (broken) throw new Error([broken, ...this.world.trace].join('\n'));
  }
}
