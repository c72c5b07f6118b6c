import { refreshCalls } from './outcome';
import type { ColumnRun, Run } from './run';
import { STORY } from './script';

/** Says in a sentence what is going on, and at the end how it came out. */
export function captionOf(run: Run): string {
  const { orders, fresh } = run.script;
  const many = orders === 1 ? 'one order' : `${orders === 50 ? 'fifty' : orders} orders at once`;
  switch (run.step) {
    case 'signing-in':
      return 'Kevin signs in, in both columns.';
    case 'waiting':
      return fresh ? 'His access token is new.' : 'His access token lives for a moment only. The page waits…';
    case 'ordering':
      return `Now ${run.script.tabs === 2 ? 'two tabs ask' : 'the page asks'} for ${many}.`;
    case 'plugged':
      return 'Plugged in again: the page asks once more.';
    case 'done':
      if (run.script !== STORY) return 'Done. What happened is below, beside what was expected.';
      return `Copied: ${verdictOf(run.copied)}. unexpired: ${verdictOf(run.unexpired)}.`;
  }
}

function verdictOf(column: ColumnRun): string {
  const calls = refreshCalls(column);
  const answered = column.batches.at(-1)?.answered ?? 0;
  const asked = column.batches.at(-1)?.asked;
  return `${calls} ${calls === 1 ? 'refresh' : 'refreshes'}, ${answered} of ${asked} orders, ${column.user ? 'signed in' : 'signed out'}`;
}
