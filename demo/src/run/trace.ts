import { markRaw } from 'vue';
import type { BackendCall, CallOutcome } from '../../backend/route';

/** In ms since the start of the run. Without `until` it is in progress. */
export interface Span {
  readonly from: number;
  until?: number;
  outcome: 'pending' | CallOutcome;
  /** Its row in the lane. */
  readonly row: number;
}

/** The timeline of a column since the start of its run, from its requests. */
export interface Trace {
  /** When an access token arrived, and when it expires. */
  readonly tokens: { readonly from: number; readonly until: number }[];
  readonly refreshes: Span[];
  /** From the click to the answer. */
  readonly orders: Span[];
  readonly calls: Span[];
  /** When the user was signed out. */
  signedOut?: number;
}

export class Tracer {
  /** Not reactive, because hundreds of changes a second would be drawn. */
  readonly trace: Trace = markRaw({ tokens: [], refreshes: [], orders: [], calls: [] });
  readonly #start = performance.now();
  /** The lifetime of the next token, in ms. */
  lifetime = 0;

  get now(): number {
    return performance.now() - this.#start;
  }

  onCall({ endpoint, number }: BackendCall): (outcome: CallOutcome) => void {
    const { refreshes, calls } = this.trace;
    const end =
      endpoint === 'refresh'
        ? this.#begin(refreshes, refreshes.length)
        : endpoint === 'order'
          ? this.#begin(calls, number)
          : () => {};
    return (outcome) => {
      end(outcome);
      const from = this.now;
      if (endpoint !== 'order' && outcome === 'answered')
        this.trace.tokens.push({ from, until: from + this.lifetime });
    };
  }

  signedIn(): void {
    delete this.trace.signedOut;
  }

  signedOut(): void {
    this.trace.signedOut ??= this.now;
  }

  /** Call it when an order begins. Returns a function to call at its end. */
  order(row: number): (outcome: CallOutcome) => void {
    return this.#begin(this.trace.orders, row);
  }

  #begin(spans: Span[], row: number): (outcome: CallOutcome) => void {
    spans.push({ from: this.now, outcome: 'pending', row });
    const span = spans.at(-1)!;
    return (outcome) => void Object.assign(span, { outcome, until: this.now });
  }
}
