import type { TurnLimits, Work } from '../coordination/meeting.js';
import { bounded } from '../wait.js';
import { IndexedRecord } from './indexed-record.js';
import { hasPage } from './page.js';

/** ms that a tab may keep its turn. Longer than a refresh may last, because a lock is never stolen. */
const patienceFor = (holdFor: number): number => holdFor + Math.min(holdFor, 5_000);

/**
 * Runs `work` while no other tab runs its own. If the tab with the lock is frozen, the tabs that wait for the lock use the lease.
 * This is safe, because `work` reads the ledger in any case.
 */
export function inTurn<T>(name: string, limits: TurnLimits, work: Work<T>): Promise<T> {
  return hasPage() && globalThis.navigator?.locks
    ? withLock(name, limits, work)
    : withLease(name, limits, work);
}

async function withLock<T>(name: string, limits: TurnLimits, work: Work<T>): Promise<T> {
  const { holdFor, signal } = limits;
  const patience = new AbortController();
  let working: Promise<T> | undefined;
  const begin = () => {
    // A second lock, whose name shows waiting tabs that this is a new turn.
    working = navigator.locks.request(`${randomId()}/${name}`, () => work());
    return working;
  };
  // Resolves even if `request` throws or rejects.
  const lock = new Promise((resolve) => {
    resolve(navigator.locks.request(name, { signal: patience.signal }, begin));
  }).catch(() => {});
  let previous: string | undefined;
  let turn = await turnUnderWay(name);
  do {
    previous = turn;
    await bounded(lock, signal, patienceFor(holdFor)).catch(() => {});
    if (!working) turn = await turnUnderWay(name);
    // If another turn has begun meanwhile, no tab is frozen.
  } while (turn !== previous);
  patience.abort();
  return working ?? withLease(name, limits, work);
}

/** The name of the second lock of the turn under way. */
async function turnUnderWay(name: string): Promise<string | undefined> {
  try {
    const { held } = await navigator.locks.query();
    return held!.find((lock) => lock.name!.endsWith(`/${name}`))!.name;
  } catch {
    return undefined; // there is no turn, or the browser does not tell
  }
}

/** Who may refresh now, and until when, in ms since the epoch. */
interface Lease {
  holder: string;
  until: number;
}

/** ms by which the clocks of two tabs may differ. */
const TOLERANCE = 1_000;

/** Needs no Web Locks: an entry in IndexedDB names the tab that has its turn, and when the turn ends. */
async function withLease<T>(name: string, { holdFor, signal }: TurnLimits, work: Work<T>): Promise<T> {
  const leases = new IndexedRecord<Lease>(`${name}:lease`);
  const me = randomId();
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

function randomId(): string {
  return Math.random().toString(36);
}

/** A random delay: tabs that waited together must not continue together. */
function jitter(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 80));
}
