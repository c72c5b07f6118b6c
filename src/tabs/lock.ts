import { bounded } from '../wait.js';
import { Ledger } from './ledger.js';
import { hasPage } from './page.js';

export interface Turn {
  /** Tabs with the same name take turns. */
  name: string;
  /** ms that a holder may take. Who waits, waits longer; nobody's lock is ever stolen. */
  holdFor: number;
  /** Ends the waiting. */
  signal: AbortSignal;
}

/** ms that a tab waits for its turn: longer than the holder may take. */
const patienceFor = (holdFor: number): number => holdFor + Math.min(holdFor, 5_000);

/**
 * Does `work` while no other tab does: a courtesy, as `work` must look into the ledger anyway (law 7). Where the turn does
 * not come in time (a holder that was frozen), `work` begins without it, after a jitter.
 */
export function inTurn<T>(turn: Turn, work: () => Promise<T>): Promise<T> {
  return hasPage() && globalThis.navigator?.locks ? withLock(turn, work) : withLease(turn, work);
}

async function withLock<T>({ name, holdFor, signal }: Turn, work: () => Promise<T>): Promise<T> {
  const patience = new AbortController();
  let working: Promise<T> | undefined;
  const begin = () => {
    working = work();
    return working;
  };
  const lock = navigator.locks.request(name, { signal: patience.signal }, begin);
  await bounded(lock, signal, patienceFor(holdFor)).catch(() => {});
  patience.abort();
  if (!working && !signal.aborted) await jitter();
  return working ?? work();
}

/** Who may refresh now, and until when, in ms since the epoch. */
interface Lease {
  holder: string;
  until: number;
}

/** ms by which the clocks of two tabs may differ. */
const TOLERANCE = 1_000;

/** A lease beside the ledger, with a holder and an end, for browsers and pages without Web Locks. */
async function withLease<T>({ name, holdFor, signal }: Turn, work: () => Promise<T>): Promise<T> {
  const leases = new Ledger<Lease>(`${name}:lease`);
  const me = Math.random().toString(36);
  while (!signal.aborted && !(await takeLease(leases, me, patienceFor(holdFor)))) await jitter();
  try {
    return await work();
  } finally {
    await leases.update((lease) => (lease?.holder === me ? { holder: me, until: 0 } : undefined));
  }
}

/** Also where there is nothing to take one from. */
async function takeLease(leases: Ledger<Lease>, me: string, longest: number): Promise<boolean> {
  const lease = await leases.update((old) => {
    const now = Date.now();
    const left = (old?.until ?? 0) - now;
    // One that ends later than any lease can was given by a clock that has been set back since.
    return left > 0 && left <= longest + TOLERANCE ? undefined : { holder: me, until: now + longest };
  });
  return !lease || lease.holder === me;
}

/** ms; tabs that waited together must not go on together. */
function jitter(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80));
}
