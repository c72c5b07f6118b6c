import type { TurnLimits, Work } from '../coordination/meeting.js';
import { SessionError } from '../errors.js';
import { bounded } from '../wait.js';
import type { Hub } from './hub.js';
import { GIVE_TURN_BACK, TAKE_TURN } from './scripts.js';
import { reachable } from './unreachable.js';

/** ms that a turn may last longer than the work in it: for Redis, and for a busy process. */
const SLACK = 5_000;
/** ms between two tries, doubled after each try. */
const FIRST_WAIT = 20;
const LONGEST_WAIT = 2_000;
/**
 * If a try takes long, thousands of sessions are trying: the wait until the next try is this many times as long as the try.
 * Otherwise the tries alone would keep Redis and the processes busy. Sessions that wait hear of new tokens by the channel
 * anyway.
 */
const REST = 4;
const LONGEST_REST = 5_000;

export interface TurnOptions {
  readonly key: string;
  /** ms that Redis may take to reply. */
  readonly timeout: number;
  /** Called after each try with the current entry. `taken`: this process has the turn. */
  onEntry(value: string | null, taken: boolean): Promise<void>;
}

/** A turn of this process, until it gives the turn back or the turn is over. */
interface Turn {
  isOver(): boolean;
  giveBack(): void;
}

/**
 * Runs `work` while no other session, in any process, runs its own. A turn ends by itself, so a process that is killed
 * does not block the others for longer than that.
 * @throws {SessionError} `refresh_unavailable` if Redis does not reply, or others have the turn for too long.
 */
export async function inTurn<T>(
  hub: Hub,
  options: TurnOptions,
  limits: TurnLimits,
  work: Work<T>,
): Promise<T> {
  const lasts = limits.holdFor + Math.min(limits.holdFor, SLACK);
  const deadline = performance.now() + lasts;
  const entering = hub.enter(options.key);
  try {
    await bounded(entering, limits.signal, lasts).catch(tooLong(limits.signal));
    const turn = await take(hub, options, limits, deadline, lasts);
    try {
      return await work(turn.isOver);
    } finally {
      turn.giveBack();
    }
  } finally {
    void entering.then((leave) => leave());
  }
}

async function take(
  hub: Hub,
  { key, timeout, onEntry }: TurnOptions,
  { signal, holdFor }: TurnLimits,
  deadline: number,
  lasts: number,
): Promise<Turn> {
  const owner = String(Math.random());
  const keys = [key, turnKey(key)];
  const giveBack = () => void hub.commands.run(GIVE_TURN_BACK, keys.slice(1), [owner]).catch(() => {}); // it ends by itself
  for (let wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
    // Measured before Redis starts the turn, so that it ends here before it ends there.
    const began = performance.now();
    const asked = hub.commands.run(TAKE_TURN, keys, [owner, String(Math.ceil(lasts))]);
    const [taken, value = null] = (await reachable(asked, timeout).catch((error) => {
      void asked.then(giveBack, () => {}); // nobody waits for this turn any more
      throw error;
    })) as [number | string, string | null];
    const isTaken = Number(taken) === 1; // some clients return numbers as text
    await reachable(onEntry(value, isTaken), timeout).catch((error) => {
      giveBack();
      throw error;
    });
    // A call of the backend may take `holdFor`: the turn must not end during it.
    if (isTaken) return { giveBack, isOver: () => performance.now() - began > lasts - holdFor };
    const now = performance.now();
    if (now > deadline) throw tooLong()();
    const rest = Math.max(wait, Math.min((now - began) * REST, LONGEST_REST));
    // There is one more try at the deadline.
    await pause(Math.min(rest * (0.5 + Math.random()), deadline - now + 1), signal);
    signal.throwIfAborted();
  }
}

/** The key of the turn. It is in the same slot of a cluster as the entry. */
function turnKey(key: string): string {
  return /\{[^}]+\}/.test(key) ? `${key}:turn` : `{${key}}:turn`;
}

function tooLong(signal?: AbortSignal): () => never {
  return () => {
    signal?.throwIfAborted();
    throw new SessionError('refresh_unavailable', 'Another process is refreshing, and takes too long');
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
