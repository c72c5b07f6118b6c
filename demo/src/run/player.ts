import { isAxiosError } from 'axios';
import { isSessionError } from 'unexpired';
import type { Command } from '../../backend/messages';
import { client } from '../client';
import type { App } from './app';
import type { Batch, Column, ColumnRun, Run } from './run';
import type { Tracer } from './trace';

/** ms. Long enough to be visible. `exp` is in whole seconds, so the token may expire up to a second earlier. */
const SHORT = 1_500;
const LONG = 300_000;

/** Plays a script in one column. */
export class Player {
  readonly #name: Column;
  readonly #run: Run;
  readonly #column: ColumnRun;
  readonly #tracer: Tracer;
  readonly #app: App;

  constructor(name: Column, run: Run, tracer: Tracer, app: App) {
    this.#name = name;
    this.#run = run;
    this.#column = run[name];
    this.#tracer = tracer;
    this.#app = app;
  }

  async signIn(): Promise<void> {
    const { rules, fresh } = this.#run.script;
    this.#tracer.lifetime = fresh ? LONG : SHORT;
    await this.#tell(['reset'], ['set', { ...rules, accessLifetime: this.#tracer.lifetime }]);
    await this.#app.signIn('kevin');
    this.#look();
    await this.#tell(['set', { accessLifetime: LONG }]);
    this.#tracer.lifetime = LONG;
  }

  async pull(): Promise<void> {
    const { pull = [], meanwhile } = this.#run.script;
    await this.#tell(...pull, ...(meanwhile ? [['hold', 'refresh'] satisfies Command] : []));
  }

  async order(): Promise<void> {
    const { meanwhile } = this.#run.script;
    await Promise.all([this.#orderAll(), meanwhile && this.#interrupt(meanwhile)]);
  }

  plug(): Promise<void> {
    return this.#tell(...(this.#run.script.plug ?? []));
  }

  /** Requests the orders again, if a user is still signed in. */
  async orderAgain(): Promise<void> {
    if (this.#app.user()) await this.#orderAll();
  }

  async finish(): Promise<void> {
    await this.#run.script.finally?.(this.#app);
    await this.#tell(['release']);
    this.#look();
    await this.#app.close();
  }

  async #tell(...commands: readonly Command[]): Promise<void> {
    for (const command of commands) this.#column.counts = await client.command(this.#name, ...command);
  }

  #look(): void {
    const { user, loginPages, report } = this.#app;
    Object.assign(this.#column, { user: user(), loginPages, report: report() });
    if (this.#column.user) this.#tracer.signedIn();
    else this.#tracer.signedOut();
  }

  async #orderAll(): Promise<void> {
    const asked = this.#run.script.orders;
    this.#column.batches.push({ asked, answered: 0, failures: {} });
    const batch = this.#column.batches.at(-1)!;
    const customer = this.#app.user();
    await Promise.all(Array.from({ length: asked }, (_, number) => this.#orderOne(batch, number, customer)));
    this.#look();
  }

  async #orderOne(batch: Batch, number: number, customer: string | undefined): Promise<void> {
    const end = this.#tracer.order(number);
    try {
      const inOtherTab = number >= this.#run.script.orders / (this.#run.script.tabs ?? 1);
      await (inOtherTab ? this.#app.otherTab : this.#app).api.get('order/', {
        params: { number, for: customer },
      });
      batch.answered++;
      end('answered');
    } catch (error) {
      const code = codeOf(error);
      batch.failures[code] = (batch.failures[code] ?? 0) + 1;
      end('failed');
    }
    if (!this.#app.user()) this.#tracer.signedOut();
  }

  /** Lets another tab act after the server has rotated the refresh token, and before its response arrives. */
  async #interrupt(meanwhile: (app: App) => Promise<void>): Promise<void> {
    await this.#tell(['called', 'refresh', 1]);
    await meanwhile(this.#app);
    await this.#tell(['release']);
  }
}

/** Plays the script of the run, in all columns at the same time. */
export async function play(players: readonly Player[], run: Run): Promise<void> {
  const { fresh, plug } = run.script;
  const all = (act: (player: Player) => Promise<void>) => Promise.all(players.map(act));
  await all((player) => player.signIn());
  run.step = 'waiting';
  await pause(fresh ? SHORT / 2 : SHORT);
  await all((player) => player.pull());
  run.step = 'ordering';
  await all((player) => player.order());
  if (plug) {
    await all((player) => player.plug());
    // Browsers send this event when the network is back.
    dispatchEvent(new Event('online'));
    run.step = 'plugged';
    await all((player) => player.orderAgain());
  }
  await all((player) => player.finish());
}

function codeOf(error: unknown): string {
  const cause = isAxiosError(error) ? error.cause : error;
  if (isSessionError(cause)) return cause.code;
  if (!isAxiosError(error)) return 'no usable answer';
  return error.response ? `status ${error.response.status}` : 'no connection';
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
