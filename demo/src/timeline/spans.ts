/** Times are in seconds since the page opened. A span without `until` is in progress. */
export interface Span<Outcome> {
  readonly id: number;
  readonly from: number;
  until?: number;
  outcome: Outcome;
}

export type RefreshSpan = Span<'pending' | 'refreshed' | 'refused' | 'failed'>;
/** One HTTP call. */
export type CallSpan = Span<'pending' | 'answered' | 'refused' | 'failed'>;

/** One order from the click to the response, with its HTTP calls. */
export interface OrderSpan extends Span<'pending' | 'answered' | 'failed'> {
  /** The row in the timeline. Two orders never use the same row at the same time. */
  readonly row: number;
  readonly calls: CallSpan[];
}

/** An access token from receipt to expiry, or to the end of its use if that is earlier. */
export interface TokenSpan {
  readonly id: number;
  readonly from: number;
  readonly ageingAt: number;
  readonly staleAt: number;
  until: number;
}

/** In seconds. Longer than the timeline shows on the widest screen. */
const KEPT = 30;

export function now(): number {
  return performance.now() / 1000;
}

/** Converts a time of the wall clock (ms since the epoch) to the page's clock. */
export function fromWallClock(moment: number): number {
  return now() + (moment - Date.now()) / 1000;
}

/** Calculates when a token is ageing and stale, with the default `leeway` and `refreshAhead`, which are shorter for short lifetimes. */
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

/** Removes spans that the timeline no longer shows. */
export function prune(spans: { until?: number }[]): void {
  const gone = spans.filter(({ until = Infinity }) => until < now() - KEPT);
  for (const span of gone) spans.splice(spans.indexOf(span), 1);
}

/** The first row without an order in progress. */
export function freeRow(orders: readonly OrderSpan[]): number {
  const taken = new Set(orders.filter(({ until }) => until === undefined).map(({ row }) => row));
  let row = 0;
  while (taken.has(row)) row++;
  return row;
}
