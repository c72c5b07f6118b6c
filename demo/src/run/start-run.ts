import { markRaw, reactive } from 'vue';
import type { Counts } from '../../backend/messages';
import { createCopiedApp } from './copied-app';
import { Player, play } from './player';
import type { Column, ColumnRun, Run } from './run';
import type { Script, Variant } from './script';
import { Tracer } from './trace';
import { createUnexpiredApp } from './unexpired-app';

const COLUMNS = ['copied', 'unexpired'] as const;
const CREATE = { copied: createCopiedApp, unexpired: createUnexpiredApp };

/** ms. Drawing more often would delay the requests that it shows. If the user prefers reduced motion, the charts grow once a second. */
const FRAME = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1_000 : 100;

/** Record the calls of the current run. */
let tracers: Record<Column, Tracer> | undefined;
export const tracerOf = (name: string): Tracer | undefined => tracers?.[name as Column];

/** Starts a run. `run` changes while it is in progress; `finished` resolves at its end. */
export function startRun(
  script: Script,
  variant: Variant,
  room: string,
): { run: Run; finished: Promise<void> } {
  const current = { copied: new Tracer(), unexpired: new Tracer() };
  tracers = current;
  const run: Run = reactive({
    script: markRaw(script),
    variant,
    step: 'signing-in',
    elapsed: 0,
    copied: column(current.copied),
    unexpired: column(current.unexpired),
  });
  const show = () => {
    run.elapsed = current.copied.now;
  };
  const timer = setInterval(show, FRAME);
  const players = COLUMNS.map((name) => new Player(name, run, current[name], CREATE[name](room, variant)));
  const finished = play(players, run).then(() => {
    clearInterval(timer);
    show();
    run.step = 'done';
  });
  return { run, finished };
}

function column({ trace }: Tracer): ColumnRun {
  return { trace, batches: [], counts: undefined, user: undefined, loginPages: 0, report: undefined };
}

/** Shows the backend's counters as they change. */
export function showCounts(run: Run | undefined, name: string, counts: Counts): void {
  if (run && run.step !== 'done' && name in CREATE) run[name as Column].counts = counts;
}
