import type { Ledger } from './ledger.js';

export interface Turn {
  /** Tabs with the same name take turns. */
  name: string;
  ledger: Ledger;
  /** ms that a holder may take. Who waits, waits longer; nobody's lock is ever stolen. */
  holdFor: number;
  /** Ends the waiting. */
  signal: AbortSignal;
}

/** ms by which the clocks of two tabs may differ. */
const TOLERANCE = 1_000;

/** ms that a tab waits for its turn: longer than the holder may take. */
const patienceFor = (holdFor: number): number => holdFor + Math.min(holdFor, 5_000);

/**
 * Does `work` while no other tab does: a courtesy, as `work` must look into the ledger anyway (law 7). Where the turn does
 * not come in time (a holder that was frozen), `work` begins without it, after a jitter.
 */
export function inTurn<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
  return globalThis.navigator?.locks ? withLock(turn, work) : withLease(turn, work);
}

async function withLock<T>({ name, holdFor, signal }: Turn, work: () => Promise<T>): Promise<T> {
  const patience = new AbortController();
  const giveUp = () => patience.abort();
  const timer = setTimeout(giveUp, patienceFor(holdFor));
  signal.addEventListener('abort', giveUp);
  let begun = false;
  const begin = () => {
    begun = true;
    return work();
  };
  try {
    return await navigator.locks.request(name, { signal: patience.signal }, begin);
  } catch (error) {
    if (begun || signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
  await jitter();
  return work();
}

/** A lease in the ledger, with a holder and an end, for browsers and pages without Web Locks. */
async function withLease<T>({ ledger, holdFor, signal }: Turn, work: () => Promise<T>): Promise<T> {
  const me = Math.random().toString(36);
  const longest = patienceFor(holdFor);
  let holder: string | undefined;
  let end = 0;
  while (!signal.aborted) {
    const next = await takeLease(ledger, me, longest);
    if (next === undefined || next === me) break;
    // Patience begins anew with each holder, and outlasts every lease.
    if (next !== holder) end = performance.now() + longest + 2 * TOLERANCE;
    else if (performance.now() > end) break;
    holder = next;
    await jitter();
  }
  try {
    return await work();
  } finally {
    await ledger.update((entry) => (entry?.lease?.holder === me ? withoutLease(entry) : undefined));
  }
}

/** Who holds the lease now; `undefined` where there is no ledger. */
async function takeLease(ledger: Ledger, me: string, longest: number): Promise<string | undefined> {
  const entry = await ledger.update((old = { generation: 0 }) => {
    const now = Date.now();
    const left = (old.lease?.until ?? 0) - now;
    // One that ends later than any lease can was given by a clock that has been set back since.
    return left > 0 && left <= longest + TOLERANCE
      ? undefined
      : { ...old, lease: { holder: me, until: now + longest } };
  });
  return entry?.lease?.holder;
}

function withoutLease({ lease, ...entry }: NonNullable<Awaited<ReturnType<Ledger['read']>>>) {
  return entry;
}

/** ms; tabs that waited together must not go on together. */
function jitter(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80));
}
