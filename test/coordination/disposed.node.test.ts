import { beforeEach, expect, it } from 'vitest';
import type { TokenSet } from '../../src/index.js';
import { outcome } from '../support/outcome.js';
import { openSession } from '../support/session.js';
import { openTab, Place, type TabOptions, tokens, useClock } from './place.js';

const clock = useClock();
let place: Place;
let answer: PromiseWithResolvers<TokenSet>;

beforeEach(() => {
  place = new Place();
  answer = Promise.withResolvers();
});

/** A member whose refresh waits for the backend's response. */
async function openRefreshing(options: TabOptions = {}) {
  const tab = openTab(place, { refresh: () => answer.promise, ...options });
  await tab.session.signIn(tokens(1));
  await clock.settle();
  const refreshed = outcome(tab.session.refresh());
  await clock.settle();
  const { signal } = tab.refresh.mock.calls[0]![1];
  return { ...tab, signal, refreshed };
}

/** Whether another member can take its turn now. */
async function isTurnFree(): Promise<boolean> {
  let isFree = false;
  void place.queue(async () => {
    isFree = true;
  });
  await clock.settle();
  return isFree;
}

it('a disposed session finishes its refresh call if other members need the tokens (finishesCalls)', async () => {
  const { session, signal, refreshed, types } = await openRefreshing({ finishesCalls: true });
  session.dispose();
  expect(await refreshed).toMatchObject({ code: 'signed_out' });
  expect([signal.aborted, await isTurnFree()]).toEqual([false, false]);
  answer.resolve(tokens(2));
  await clock.settle();
  expect(place.entry?.tokens?.accessToken).toBe('access-2');
  expect(await isTurnFree()).toBe(true);
  expect(types()).not.toContain('refreshed');
});

it('a refresh call that fails after dispose() emits no event, and the turn ends (finishesCalls)', async () => {
  const { session, types } = await openRefreshing({ finishesCalls: true });
  session.dispose();
  answer.reject(new Error('down'));
  await clock.settle();
  expect(await isTurnFree()).toBe(true);
  expect(place.entry?.tokens?.accessToken).toBe('access-1');
  expect(types()).not.toContain('refresh-failed');
});

it('without finishesCalls, a disposed session aborts its call and gives back its turn', async () => {
  const { session, signal, refreshed } = await openRefreshing();
  session.dispose();
  expect(await refreshed).toMatchObject({ code: 'signed_out' });
  expect([signal.aborted, await isTurnFree()]).toEqual([true, true]);
  answer.resolve(tokens(2));
  await clock.settle();
  expect(place.entry?.tokens?.accessToken).toBe('access-1');
});

it('a disposed session without coordination aborts its call', async () => {
  const { session, refresh } = openSession({ refresh: () => answer.promise });
  await session.signIn(tokens(1));
  const refreshed = outcome(session.refresh());
  await clock.settle();
  session.dispose();
  expect(await refreshed).toMatchObject({ code: 'signed_out' });
  expect(refresh.mock.calls[0]![1].signal.aborted).toBe(true);
});

it('a sign-out aborts the call even with finishesCalls', async () => {
  const { session, signal, refreshed } = await openRefreshing({ finishesCalls: true });
  await session.signOut();
  expect(await refreshed).toMatchObject({ code: 'signed_out' });
  expect(signal.aborted).toBe(true);
});

it('a session that is disposed in its turn, before the call, makes no call', async () => {
  const tab = openTab(place, { finishesCalls: true });
  await tab.session.signIn(tokens(1));
  await clock.settle();
  const read = Promise.withResolvers<void>();
  tab.link.before = read.promise;
  const refreshed = outcome(tab.session.refresh());
  await clock.settle();
  tab.session.dispose();
  read.resolve();
  await clock.settle();
  expect(await refreshed).toMatchObject({ code: 'signed_out' });
  expect(tab.refresh).not.toHaveBeenCalled();
});
