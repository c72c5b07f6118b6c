import { describe, expect, it, onTestFinished } from 'vitest';
import { SharedTimes } from '../../src/idle/shared-times.js';
import type { IdleTimes } from '../../src/idle/times.js';
import { memoryStore, tabs } from '../../src/index.js';
import { coreOf } from '../../src/session.js';
import { SECOND, START, TOKENS, useBrowser } from './tabs.js';

const { open, pass, settle, page } = useBrowser();
let serial = 0;

/** A tab with 15 s without activity, and another one that the test plays: what it says, and what it writes without a word. */
async function create() {
  const name = `told ${++serial}`;
  const store = { ...memoryStore(), coordination: tabs(name) };
  const options = { idleAfter: 15 * SECOND, warnBefore: SECOND };
  const tab = open(options, { store });
  await tab.session.signIn(TOKENS);
  await settle();
  const { sessionId } = coreOf(tab.session).state.credentials!.tokens;
  const channel = new BroadcastChannel(`unexpired:${name}:idle`);
  onTestFinished(() => channel.close());
  const timesOf = (more: Partial<IdleTimes>): IdleTimes => ({
    ...{ sessionId, signedInAt: START, activeAt: START },
    ...more,
  });
  const record = new SharedTimes(name, Date.now, () => {});
  return {
    tab,
    /** Another tab, in which the user has not signed in. */
    open: () => open(options, { store }),
    async say(more: Partial<IdleTimes>) {
      channel.postMessage({ type: 'times', times: timesOf(more) });
      await settle();
    },
    write: (more: Partial<IdleTimes>) => Promise.all([record.begin(timesOf(more)), settle()]),
    /** In s after the sign-in: when the time is over. */
    async end(of = tab) {
      while (of.watch.view.status === 'active') await pass(SECOND);
      return (of.watch.view.endsAt! - START) / SECOND;
    },
  };
}

describe('what another tab says', () => {
  it('counts from its activity on, not from the message on', async () => {
    const { tab, say, end } = await create();
    await pass(10 * SECOND);
    await say({ activeAt: START + 6 * SECOND });
    expect(tab.watch.view.status).toBe('active');
    expect(await end()).toBe(21);
  });

  it('is no activity that is yet to come', async () => {
    const { say, end } = await create();
    await pass(5 * SECOND);
    await say({ activeAt: START + 100 * SECOND });
    expect(await end()).toBe(20);
  });

  it('takes no time away: this tab may know of later activity', async () => {
    const { tab, say, end } = await create();
    await pass(5 * SECOND);
    tab.act();
    await say({ activeAt: START + 3 * SECOND });
    expect(await end()).toBe(20);
  });

  it('may be that the time is over', async () => {
    const { tab, say } = await create();
    await say({ over: true });
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: true }]);
    expect(tab.watch.view.status).toBe('idle');
    await say({ over: true });
    await pass(20 * SECOND);
    expect(tab.idle).toHaveLength(1);
  });

  it('of another sign-in is left alone', async () => {
    const { tab, say, end } = await create();
    await say({ over: true, sessionId: 'another' });
    await pass(5 * SECOND);
    await say({ activeAt: START + 5 * SECOND, sessionId: 'another' });
    expect(await end()).toBe(15);
    expect(tab.idle).toEqual([]);
  });

  it('is of no interest while nobody is signed in', async () => {
    const { tab, say } = await create();
    await tab.session.signOut();
    await say({ over: true });
    await say({ activeAt: START + SECOND });
    expect(tab.watch.view).toEqual({ status: 'active' });
    expect(tab.idle).toEqual([]);
  });
});

describe('what another tab has recorded, and this one has not heard', () => {
  const show = async () => {
    page().dispatchEvent(new Event('pageshow'));
    await settle();
  };

  it('is read when the page is seen again', async () => {
    const { write, end } = await create();
    await pass(5 * SECOND);
    await write({ activeAt: START + 5 * SECOND });
    await show();
    expect(await end()).toBe(20);
  });

  it('is also read by a page that was opened after the sign-in', async () => {
    const { open, write, end } = await create();
    const page = open();
    await pass(5 * SECOND);
    await write({ activeAt: START + 5 * SECOND });
    await show();
    expect(await end(page)).toBe(20);
  });

  it('is of another sign-in: it is left alone when the page is seen again', async () => {
    const { write, end } = await create();
    await pass(5 * SECOND);
    await write({ activeAt: START + 5 * SECOND, sessionId: 'another' });
    await show();
    expect(await end()).toBe(15);
  });

  it('is read before the time is found to be over', async () => {
    const { tab, write } = await create();
    await write({ over: true });
    await pass(15 * SECOND);
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: true }]);
  });

  it('is the end, though somebody is active here', async () => {
    const { tab, write } = await create();
    await write({ over: true });
    await pass(5 * SECOND);
    tab.act();
    await settle();
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: true }]);
  });

  it('is no end of a sign-in that came while this was being found out', async () => {
    const { tab, write } = await create();
    await write({ over: true });
    await pass(5 * SECOND);
    tab.act();
    await tab.session.signIn({ ...TOKENS, accessToken: 'another' });
    await settle();
    expect(tab.idle).toEqual([]);
  });
});
