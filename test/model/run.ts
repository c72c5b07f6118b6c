import { FakeBrowser } from './browser/browser.ts';
import { Laws } from './laws.ts';
import type { Move, Program } from './moves.ts';
import { Server } from './server.ts';
import { Tab } from './tab.ts';
import { World } from './world.ts';

/** ms. By then no pause of an earlier failure stands in the way. */
const PEACE = 120_000;

/** Runs a program from beginning to end. Throws which law was broken, with what happened until then. */
export async function run(program: Program): Promise<void> {
  const model = new Model(program);
  const restore = model.browser.install();
  try {
    await model.run(program);
  } finally {
    restore();
  }
}

class Model {
  readonly world = new World();
  readonly browser: FakeBrowser;
  readonly #laws: Laws;
  readonly #server: Server;
  #tabs: Tab[] = [];
  #opened = 0;

  constructor(program: Program) {
    this.browser = new FakeBrowser(this.world, program);
    this.#laws = new Laws(this.world, program.rotation);
    this.#server = new Server(this.world, this.#laws, program);
    this.#laws.server = this.#server;
  }

  async run({ tabs, moves }: Program): Promise<void> {
    await this.#open();
    await this.#turn(0, 'signs in', (tab) => tab.signIn('ann'));
    await this.world.settle();
    while (this.#opened < tabs) await this.#open();
    await this.world.settle();
    this.world.trace.length = 0;
    for (const move of moves) {
      await this.#make(move);
      this.#report();
    }
    await this.#finish();
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

  /** What happens to the server. */
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
      this.#laws.excused = true;
  }

  async #open(): Promise<void> {
    const id = this.#opened++;
    if (this.#laws.cleared) this.#laws.torn = true;
    const around = { world: this.world, browser: this.browser, server: this.#server, laws: this.#laws };
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
    this.#laws.lost(tab);
    this.#server.abandon(tab.id);
    this.browser.close(tab.id);
  }

  /** The application empties the storage behind the session's back. */
  async #clear(index: number): Promise<void> {
    this.#laws.cleared = this.#laws.excused = true;
    await this.#turn(index, 'clears the storage', ({ id }) => this.browser.storage.write(id, null));
  }

  async #finish(): Promise<void> {
    this.world.note(undefined, '--- everything that is under way happens');
    await this.world.settle();
    await this.world.advance(PEACE);
    if (this.#laws.killed.size) await this.#catchUp();
    this.#laws.atRest(this.#tabs, ({ id }) => this.browser.storage.view(id));
    this.#report();
    if (!this.#laws.excused) await this.#probe();
    await this.#dispose();
  }

  /** What a tab did last before it was killed, the others may hear of with their next refresh only. */
  async #catchUp(): Promise<void> {
    for (const tab of this.#tabs) await this.world.turn(tab.id, 'calls refresh()', () => tab.refresh());
    await this.world.settle();
  }

  /** A session that is alive: all tabs' requests are refused at once, and one refresh later all are answered. */
  async #probe(): Promise<void> {
    this.world.note(undefined, '--- every tab sends a request with an expired token');
    const signedIn = this.#tabs.filter(({ user }) => user);
    const before = this.#server.calls.length;
    this.#server.forgive();
    this.#server.expireAccessTokens();
    for (const tab of signedIn) await this.world.turn(tab.id, 'begins a request', () => tab.request());
    await this.world.settle();
    this.#laws.atRest(this.#tabs, ({ id }) => this.browser.storage.view(id));
    for (const { id, operations } of signedIn)
      this.#laws.assert(operations.at(-1)?.outcome === 200, `tab ${id}: the request is not answered`);
    const refreshes = this.#server.calls.length - before;
    this.#laws.assert(refreshes === Math.min(1, signedIn.length), `${refreshes} refreshes for one expiry`);
    this.#report();
  }

  async #dispose(): Promise<void> {
    for (const { id, session } of this.#tabs) {
      await this.world.turn(id, 'is disposed', () => session.dispose());
      await this.world.drain();
      const remains = this.world.remains(id);
      this.#laws.assert(remains.length === 0, `tab ${id} leaves behind: ${remains.join(', ')}`);
      this.#laws.assert(this.browser.locksOf(id) === 0, `tab ${id} leaves a lock behind`);
    }
    this.#report();
  }

  #report(): void {
    const { broken } = this.#laws;
    if (broken) throw new Error([broken, ...this.world.trace].join('\n'));
  }
}
