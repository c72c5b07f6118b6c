import type { TurnLimits, Work } from '../coordination/meeting.js';
import { bounded } from '../wait.js';
import { IndexedRecord } from './indexed-record.js';
import { hasPage } from './page.js';

/** ms that a tab waits for its turn. Longer than a turn may last, because a lock is never stolen. */
const patienceFor = (holdFor: number): number => holdFor + Math.min(holdFor, 5_000);

/**
 * Runs `work` while no other tab runs its own. The lock saves requests, but is not needed for safety: `work` reads the ledger in
 * any case. If the turn does not begin in time, because the tab with the lock is frozen, `work` starts without the lock, after a
 * random delay.
 */
export function inTurn<T>(name: string, limits: TurnLimits, work: Work<T>): Promise<T> {
  return hasPage() && globalThis.navigator?.locks
    ? withLock(name, limits, work)
    : withLease(name, limits, work);
}

async function withLock<T>(name: string, { holdFor, signal }: TurnLimits, work: Work<T>): Promise<T> {
  const began = Date.now();
  const patience = new AbortController();
  let working: Promise<T> | undefined;
  const begin = () => {
    working = work();
    return working;
  };
  // `work` starts without the lock if `request` throws or rejects.
  const lock = new Promise((resolve) => {
    resolve(navigator.locks.request(name, { signal: patience.signal }, begin));
  });
  await bounded(lock, signal, patienceFor(holdFor)).catch(() => {});
  patience.abort();
  if (!working && !signal.aborted) await jitter();
  // If the ledger has changed during the wait, the lock passes from tab to tab, and no tab is frozen.
  return working ?? work((time) => Math.abs(Date.now() - time!) < Date.now() - began);
}

/** Who may refresh now, and until when, in ms since the epoch. */
interface Lease {
  holder: string;
  until: number;
}

/** ms by which the clocks of two tabs may differ. */
const TOLERANCE = 1_000;

/** For browsers and pages without Web Locks: an entry in IndexedDB that names the holder and the end of its turn. */
async function withLease<T>(name: string, { holdFor, signal }: TurnLimits, work: Work<T>): Promise<T> {
  const leases = new IndexedRecord<Lease>(`${name}:lease`);
  const me = Math.random().toString(36);
  while (!signal.aborted && !(await takeLease(leases, me, patienceFor(holdFor)))) await jitter();
  try {
    return await work();
  } finally {
    await leases.update((lease) => (lease?.holder === me ? { holder: me, until: 0 } : undefined));
  }
}

/** Also succeeds without IndexedDB, because there is no lease to take. */
async function takeLease(leases: IndexedRecord<Lease>, me: string, longest: number): Promise<boolean> {
  const lease = await leases.update((old) => {
    const now = Date.now();
    const left = (old?.until ?? 0) - now;
    // If a lease ends later than any lease can, the clock was set back since.
    return left > 0 && left <= longest + TOLERANCE ? undefined : { holder: me, until: now + longest };
  });
  return !lease || lease.holder === me;
}

/** A random delay: tabs that waited together must not continue together. */
function jitter(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80));
}
