import type { Batch, ColumnRun, Run } from './run';

/** A row between the columns. The numbers come from the backend, except in the last two rows. */
export interface Score {
  readonly name: string;
  readonly copied: string;
  readonly unexpired: string;
}

export function scoreOf({ copied, unexpired }: Run): Score[] {
  const row = (name: string, of: (column: ColumnRun) => number | string) => ({
    ...{ name, copied: String(of(copied)), unexpired: String(of(unexpired)) },
  });
  return [
    row('Refresh calls', refreshCalls),
    row('Orders answered', ({ counts }) => counts?.ordersOk ?? 0),
    row('Calls in all', ({ counts }) => (counts?.requests ?? 0) - (counts?.logins ?? 0)),
    row('Login page opened', ({ loginPages }) => `${loginPages}×`),
    row('Signed in', ({ user }) => (user ? capital(user) : 'nobody')),
  ];
}

export function refreshCalls({ counts }: ColumnRun): number {
  return (counts?.refreshes ?? 0) + (counts?.refreshFailures ?? 0);
}

/** Returns sentences about what happened in a column. */
export function outcomeOf(column: ColumnRun): string[] {
  const [first, second] = column.batches;
  const calls = refreshCalls(column);
  return [
    `${calls === 0 ? 'No refresh' : count(calls, 'refresh', 'refreshes')} reached the backend.`,
    first ? `${ordersOf(first)}.` : '',
    second ? `Afterwards: ${lower(ordersOf(second))}.` : '',
    column.counts?.mistaken
      ? `${count(column.counts.mistaken, 'order was', 'orders were')} sent in another user’s name.`
      : '',
    sessionOf(column),
  ].filter(Boolean);
}

function ordersOf({ asked, answered, failures }: Batch): string {
  if (answered === asked) return asked === 1 ? 'The order was answered' : `All ${asked} orders were answered`;
  const reasons = Object.keys(failures).join(', ');
  const failed = asked - answered;
  if (failed === asked)
    return asked === 1 ? `The order failed (${reasons})` : `All ${asked} orders failed (${reasons})`;
  return `${answered} of ${asked} orders were answered, ${failed} failed (${reasons})`;
}

function sessionOf({ user, loginPages }: ColumnRun): string {
  const opened = loginPages
    ? ` The login page opened ${loginPages === 1 ? 'once' : `${loginPages} times`}.`
    : '';
  return `${user ? `${capital(user)} is signed in.` : 'Nobody is signed in.'}${opened}`;
}

function count(amount: number, one: string, many: string): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);
