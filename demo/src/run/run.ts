import { isAxiosError } from 'axios';
import { isSessionError } from 'unexpired';
import { markRaw, reactive } from 'vue';
import { client } from '../client';
import type { Command, Counts } from '../../backend/messages';
import type { App } from './app';
import { createCopiedApp } from './copied-app';
import type { Script, Step } from './script';
import { type Trace, Tracer } from './trace';
import { createUnexpiredApp } from './unexpired-app';

export type Column = 'copied' | 'unexpired';

/** Orders that the page asked for at once. */
export interface Batch {
  readonly asked: number;
  answered: number;
  /** How often an order failed, by the code of the error. */
  readonly failures: Record<string, number>;
}

/** What happens in a column. */
export interface ColumnRun {
  readonly trace: Trace;
  readonly batches: Batch[];
  /** As the backend counts. */
  counts: Counts | undefined;
  user: string | undefined;
  loginPages: number;
  lines: readonly string[];
}

export interface Run {
  readonly script: Script;
  step: Step;
  /** ms since the start. */
  elapsed: number;
  readonly copied: ColumnRun;
  readonly unexpired: ColumnRun;
}

/** ms. Long enough to be seen; `exp` is in whole seconds, so that it ends up to a second earlier. */
const SHORT = 1_500;
const LONG = 300_000;

const CREATE = { copied: createCopiedApp, unexpired: createUnexpiredApp };

/** The calls of the run that is under way are recorded here. */
let tracers: Record<Column, Tracer> | undefined;
export const tracerOf = (name: string): Tracer | undefined => tracers?.[name as Column];

/** Starts a run. It is updated while it goes on; `finished` resolves at its end. */
export function startRun(script: Script, room: string): { run: Run; finished: Promise<void> } {
  const current = { copied: new Tracer(), unexpired: new Tracer() };
  tracers = current;
  const column = ({ trace }: Tracer): ColumnRun => ({
    ...{ trace, batches: [], counts: undefined, user: undefined, loginPages: 0, lines: [] },
  });
  const run: Run = reactive({
    ...{ script: markRaw(script), step: 'signing-in', elapsed: 0 },
    copied: column(current.copied),
    unexpired: column(current.unexpired),
  });
  const stopClock = keepTime(run, current.copied);
  const finished = Promise.all(
    (['copied', 'unexpired'] as const).map((name) => play(new Player(name, run, current[name], room))),
  ).then(() => {
    stopClock();
    run.step = 'done';
  });
  return { run, finished };
}

/** Shows the backend's counters as they change. */
export function showCounts(run: Run | undefined, name: string, counts: Counts): void {
  if (run && run.step !== 'done' && name in CREATE) run[name as Column].counts = counts;
}

function keepTime(run: Run, tracer: Tracer): () => void {
  let frame = requestAnimationFrame(function tick() {
    run.elapsed = tracer.now;
    frame = requestAnimationFrame(tick);
  });
  return () => {
    cancelAnimationFrame(frame);
    run.elapsed = tracer.now;
  };
}

/** Plays the script in one column. */
class Player {
  readonly column: ColumnRun;
  readonly app: App;

  constructor(
    readonly name: Column,
    readonly run: Run,
    readonly tracer: Tracer,
    room: string,
  ) {
    this.column = run[name];
    this.app = CREATE[name](room);
  }

  async tell(...commands: readonly Command[]): Promise<void> {
    for (const command of commands) this.column.counts = await client.command(this.name, ...command);
  }

  look(): void {
    this.column.user = this.app.user();
    this.column.loginPages = this.app.loginPages;
    this.column.lines = [...this.app.lines];
  }

  async order(): Promise<void> {
    const asked = this.run.script.orders;
    this.column.batches.push({ asked, answered: 0, failures: {} });
    const batch = this.column.batches.at(-1)!;
    await Promise.all(Array.from({ length: asked }, (_, number) => this.#orderOne(batch, number)));
  }

  async #orderOne(batch: Batch, number: number): Promise<void> {
    const end = this.tracer.order(number);
    try {
      await this.app.api.get('order/', { params: { number, for: this.column.user } });
      batch.answered++;
      end('answered');
    } catch (error) {
      const code = codeOf(error);
      batch.failures[code] = (batch.failures[code] ?? 0) + 1;
      end('failed');
    }
    this.look();
  }
}

async function play(player: Player): Promise<void> {
  const { run, app, tracer } = player;
  const { rules, fresh, pull = [], meanwhile, plug } = run.script;
  tracer.lifetime = fresh ? LONG : SHORT;
  await player.tell(['reset'], ['set', { ...rules, accessLifetime: tracer.lifetime }]);
  await app.signIn('kevin');
  player.look();
  await player.tell(['set', { accessLifetime: LONG }]);
  tracer.lifetime = LONG;
  run.step = 'waiting';
  await pause(fresh ? SHORT / 2 : SHORT);

  await player.tell(...pull, ...(meanwhile ? [['hold', 'refresh'] satisfies Command] : []));
  run.step = 'ordering';
  const orders = player.order();
  if (meanwhile) await interrupt(player, meanwhile);
  await orders;

  if (plug) {
    await player.tell(...plug);
    // As the browser does when the network is back.
    dispatchEvent(new Event('online'));
    run.step = 'plugged';
    if (app.user()) await player.order();
  }
  await run.script.finally?.(app);
  await player.tell(['release']);
  player.look();
  await app.close();
}

/** Lets another tab act after the server has rotated the refresh token, and before its answer arrives. */
async function interrupt(player: Player, meanwhile: (app: App) => Promise<void>): Promise<void> {
  await player.tell(['called', 'refresh', 1]);
  await meanwhile(player.app);
  await player.tell(['release']);
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
