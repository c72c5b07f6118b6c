import type { TestBackendStats } from 'unexpired/testing';
import { computed, reactive, ref } from 'vue';
import { api } from './api';
import { askBackend, backendState } from './backend';
import { reasonOf } from './errors';
import { session } from './session';
import { recordOrder } from './timeline/recorder';

/** The orders that the last click requested. */
interface Batch {
  readonly requested: number;
  /** The backend's counters before the click. */
  readonly before: TestBackendStats;
  answered: number;
  failed: number;
  reason: string;
}

const batch = ref<Batch>();

/** Requests orders, all at the same time. */
export async function requestOrders(requested: number): Promise<void> {
  const { stats: before } = await askBackend();
  const current = reactive<Batch>({ requested, before, answered: 0, failed: 0, reason: '' });
  batch.value = current;
  await Promise.all(Array.from({ length: requested }, (_, index) => requestOrder(current, index + 1)));
  await askBackend();
}

async function requestOrder(current: Batch, number: number): Promise<void> {
  try {
    // Each request has its own URL, because browsers send requests for the same URL one after another.
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

/** Describes what has just happened. The number of refreshes is updated when a refresh ends later. */
export const story = computed((): { facts: string; end: string } => {
  const { value: current } = batch;
  const latest = backendState.value?.stats;
  if (!current || !latest) return { facts: 'No orders requested yet.', end: 'Sign in and request some.' };
  const { requested, answered, failed, before } = current;
  if (answered + failed < requested)
    return { facts: `${count(requested, 'order')} requested…`, end: 'Waiting for responses.' };
  const calls = count(callsOf(latest) - callsOf(before), 'HTTP call');
  return {
    facts: `${count(requested, 'order')} requested, ${refreshesOf(before, latest)}, ${calls}.`,
    end: endOf(current, latest),
  };
});

/** Without logins, because orders do not cause them. */
function callsOf({ requests, logins, loginFailures }: TestBackendStats): number {
  return requests - logins - loginFailures;
}

function refreshesOf(before: TestBackendStats, latest: TestBackendStats): string {
  const done = latest.refreshes - before.refreshes;
  const refused = latest.refreshFailures - before.refreshFailures;
  return refused && !done
    ? count(refused, 'rejected refresh', 'rejected refreshes')
    : count(done, 'refresh', 'refreshes');
}

function endOf({ requested, failed, reason, before }: Batch, latest: TestBackendStats): string {
  const again = latest.ordersRefused - before.ordersRefused;
  if (!failed && again) return `All were answered; ${again} were rejected at first, then sent again.`;
  if (!failed) return requested === 1 ? 'It was answered.' : 'All were answered.';
  const failure = requested === 1 ? 'It failed' : failed === requested ? 'All failed' : `${failed} failed`;
  return `${failure}: ${reason}`;
}

function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}
