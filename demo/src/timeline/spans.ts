/** Times are in seconds since the page was opened. What has no `until` is under way. */
export interface Span<Outcome> {
  readonly id: number;
  readonly from: number;
  until?: number;
  outcome: Outcome;
}

export type RefreshSpan = Span<'pending' | 'refreshed' | 'refused' | 'failed'>;
/** One HTTP call. */
export type CallSpan = Span<'pending' | 'answered' | 'refused' | 'failed'>;

/** One order as the application asked for it: from the click to the answer, with the HTTP calls that it took. */
export interface OrderSpan extends Span<'pending' | 'answered' | 'failed'> {
  /** Where it is drawn: no two orders share a row at one time. */
  readonly row: number;
  readonly calls: CallSpan[];
}

/** An access token from receipt to expiry, or to its end if that came first. */
export interface TokenSpan {
  readonly id: number;
  readonly from: number;
  readonly ageingAt: number;
  readonly staleAt: number;
  until: number;
}

/** In seconds: longer than the picture shows on the widest screen. */
const KEPT = 30;

export function now(): number {
  return performance.now() / 1000;
}

/** A moment of the wall clock (ms since the epoch) on the page's own. */
export function fromWallClock(moment: number): number {
  return now() + (moment - Date.now()) / 1000;
}

/** The zones of a token as the session has them by default: `leeway` and `refreshAhead` shrink with short lifetimes. */
export function tokenSpan(id: number, from: number, until: number): TokenSpan {
  const lifetime = until - from;
  return {
    id,
    from,
    ageingAt: until - Math.min(60, lifetime / 4),
    staleAt: until - Math.min(10, lifetime / 10),
    until,
  };
}

/** Forgets what has left the picture. */
export function prune(spans: { until?: number }[]): void {
  const gone = spans.filter(({ until = Infinity }) => until < now() - KEPT);
  for (const span of gone) spans.splice(spans.indexOf(span), 1);
}

/** The first row that nothing under way is drawn in. */
export function freeRow(orders: readonly OrderSpan[]): number {
  const taken = new Set(orders.filter(({ until }) => until === undefined).map(({ row }) => row));
  let row = 0;
  while (taken.has(row)) row++;
  return row;
}
