import { refreshCalls } from './outcome';
import type { ColumnRun, Run } from './run';
import { STORY } from './script';

/** Returns a sentence about the current step, and at the end about the result. */
export function captionOf(run: Run): string {
  const { orders, fresh } = run.script;
  const many = orders === 1 ? 'one order' : `${orders === 50 ? 'fifty' : orders} orders at once`;
  switch (run.step) {
    case 'signing-in':
      return 'Kevin signs in, in both columns.';
    case 'waiting':
      return fresh ? 'His access token is new.' : 'His access token expires in a moment. The page waits…';
    case 'ordering':
      return `Now ${run.script.tabs === 2 ? 'two tabs ask' : 'the page asks'} for ${many}.`;
    case 'plugged':
      return 'Plugged in again: the page asks for its orders once more.';
    case 'done':
      if (run.script !== STORY) return 'Done. See below what was expected, and what happened.';
      return `Copied: ${verdictOf(run.copied)}. unexpired: ${verdictOf(run.unexpired)}.`;
  }
}

function verdictOf(column: ColumnRun): string {
  const calls = refreshCalls(column);
  const answered = column.batches.at(-1)?.answered ?? 0;
  const asked = column.batches.at(-1)?.asked;
  return `${calls} ${calls === 1 ? 'refresh' : 'refreshes'}, ${answered} of ${asked} orders, ${column.user ? 'signed in' : 'signed out'}`;
}
