import type { TestBackendStats } from 'unexpired/testing';
import { computed, reactive, ref } from 'vue';
import { api } from './api';
import { askBackend, backendState } from './backend';
import { reasonOf } from './errors';
import { session } from './session';
import { recordOrder } from './timeline/recorder';

/** The orders that were asked for with the last click. */
interface Batch {
  readonly asked: number;
  /** The backend's counters before it. */
  readonly before: TestBackendStats;
  answered: number;
  failed: number;
  reason: string;
}

const batch = ref<Batch>();

/** Asks for orders, all at once. */
export async function askForOrders(asked: number): Promise<void> {
  const { stats: before } = await askBackend();
  const current = reactive<Batch>({ asked, before, answered: 0, failed: 0, reason: '' });
  batch.value = current;
  await Promise.all(Array.from({ length: asked }, (_, index) => askForOrder(current, index + 1)));
  await askBackend();
}

async function askForOrder(current: Batch, number: number): Promise<void> {
  try {
    // Each its own URL: browsers ask for one and the same only one at a time.
    await recordOrder((adapter) => api.get('/order/', { adapter, params: { number } }));
    current.answered++;
  } catch (error) {
    current.failed++;
    current.reason = `${reasonOf(error)}.${session.status === 'signed-in' ? ' You are still signed in.' : ''}`;
  }
}

export function forgetBatch(): void {
  batch.value = undefined;
}

/** What has just happened, in plain words; refreshes that end later are counted as they come. */
export const story = computed((): { facts: string; end: string } => {
  const { value: current } = batch;
  const latest = backendState.value?.stats;
  if (!current || !latest) return { facts: 'Nothing asked for yet.', end: 'Sign in, and ask for orders.' };
  const { asked, answered, failed, before } = current;
  if (answered + failed < asked)
    return { facts: `${count(asked, 'order')} asked…`, end: 'Waiting for the answers.' };
  const calls = count(callsOf(latest) - callsOf(before), 'HTTP call');
  return {
    facts: `${count(asked, 'order')} asked, ${refreshesOf(before, latest)}, ${calls}.`,
    end: endOf(current, latest),
  };
});

/** But for logins, which no order asks for. */
function callsOf({ requests, logins, loginFailures }: TestBackendStats): number {
  return requests - logins - loginFailures;
}

function refreshesOf(before: TestBackendStats, latest: TestBackendStats): string {
  const done = latest.refreshes - before.refreshes;
  const refused = latest.refreshFailures - before.refreshFailures;
  return refused && !done
    ? count(refused, 'refused refresh', 'refused refreshes')
    : count(done, 'refresh', 'refreshes');
}

function endOf({ asked, failed, reason, before }: Batch, latest: TestBackendStats): string {
  const again = latest.ordersRefused - before.ordersRefused;
  if (!failed && again)
    return `All were answered; ${again} refused at first, and sent again with the new token.`;
  if (!failed) return asked === 1 ? 'It was answered.' : 'All were answered.';
  const whom = asked === 1 ? 'It failed' : failed === asked ? 'All failed' : `${failed} failed`;
  return `${whom}: ${reason}`;
}

function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}
