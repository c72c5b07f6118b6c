import type { Report } from 'unexpired/recorder';
import type { Counts } from '../../backend/messages';
import type { Script, Step, Variant } from './script';
import type { Trace } from './trace';

export type Column = 'copied' | 'unexpired';

/** Orders that the page requested at once. */
export interface Batch {
  readonly asked: number;
  answered: number;
  /** How many orders failed, by the code of the error. */
  readonly failures: Record<string, number>;
}

/** What happens in a column. */
export interface ColumnRun {
  readonly trace: Trace;
  readonly batches: Batch[];
  /** The counters of the backend. */
  counts: Counts | undefined;
  user: string | undefined;
  loginPages: number;
  report: Report | undefined;
}

export interface Run {
  readonly script: Script;
  readonly variant: Variant;
  step: Step;
  /** ms since the start. The charts are drawn again when it changes. */
  elapsed: number;
  readonly copied: ColumnRun;
  readonly unexpired: ColumnRun;
}
