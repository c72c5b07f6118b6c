import { describe, expect, it, onTestFinished } from 'vitest';
import { SharedTimes } from '../../src/idle/shared-times.js';
import type { IdleTimes } from '../../src/idle/times.js';
import { memoryStore, tabs } from '../../src/index.js';
import { coreOf } from '../../src/session.js';
import { SECOND, START, TOKENS, useBrowser } from './tabs.js';

const { open, pass, settle, page } = useBrowser();
let serial = 0;

/**
 * A tab that ends after 15 s without activity, and another tab, played by the test: it sends messages, and writes to
 * the record without a message.
 */
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
    /** Opens a tab after the sign-in. */
    open: () => open(options, { store }),
    async say(more: Partial<IdleTimes>) {
      channel.postMessage({ type: 'times', times: timesOf(more) });
      await settle();
    },
    write: (more: Partial<IdleTimes>) => Promise.all([record.begin(timesOf(more)), settle()]),
    /** The end of the idle time, in s after the sign-in. */
    async end(of = tab) {
      while (of.watch.view.status === 'active') await pass(SECOND);
      return (of.watch.view.endsAt! - START) / SECOND;
    },
  };
}

describe('a message about another tab’s activity', () => {
  it('counts from the time of the activity, not of the message', async () => {
    const { tab, say, end } = await create();
    await pass(10 * SECOND);
    await say({ activeAt: START + 6 * SECOND });
    expect(tab.watch.view.status).toBe('active');
    expect(await end()).toBe(21);
  });

  it('is not trusted if its time is in the future', async () => {
    const { say, end } = await create();
    await pass(5 * SECOND);
    await say({ activeAt: START + 100 * SECOND });
    expect(await end()).toBe(20);
  });

  it('does not shorten the time of this tab after its own later activity', async () => {
    const { tab, say, end } = await create();
    await pass(5 * SECOND);
    tab.act();
    await say({ activeAt: START + 3 * SECOND });
    expect(await end()).toBe(20);
  });

  it('can say that the time is over', async () => {
    const { tab, say } = await create();
    await say({ over: true });
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: true }]);
    expect(tab.watch.view.status).toBe('idle');
    await say({ over: true });
    await pass(20 * SECOND);
    expect(tab.idle).toHaveLength(1);
  });

  it('about another sign-in is ignored', async () => {
    const { tab, say, end } = await create();
    await say({ over: true, sessionId: 'another' });
    await pass(5 * SECOND);
    await say({ activeAt: START + 5 * SECOND, sessionId: 'another' });
    expect(await end()).toBe(15);
    expect(tab.idle).toEqual([]);
  });

  it('is ignored while nobody is signed in', async () => {
    const { tab, say } = await create();
    await tab.session.signOut();
    await say({ over: true });
    await say({ activeAt: START + SECOND });
    expect(tab.watch.view).toEqual({ status: 'active' });
    expect(tab.idle).toEqual([]);
  });
});

describe('another tab’s record of which this tab got no message', () => {
  const show = async () => {
    page().dispatchEvent(new Event('pageshow'));
    await settle();
  };

  it('is read when the page becomes visible again', async () => {
    const { write, end } = await create();
    await pass(5 * SECOND);
    await write({ activeAt: START + 5 * SECOND });
    await show();
    expect(await end()).toBe(20);
  });

  it('is read by a page that opened after the sign-in too', async () => {
    const { open, write, end } = await create();
    const page = open();
    await pass(5 * SECOND);
    await write({ activeAt: START + 5 * SECOND });
    await show();
    expect(await end(page)).toBe(20);
  });

  it('is ignored if it is about another sign-in', async () => {
    const { write, end } = await create();
    await pass(5 * SECOND);
    await write({ activeAt: START + 5 * SECOND, sessionId: 'another' });
    await show();
    expect(await end()).toBe(15);
  });

  it('is read before this tab ends the session', async () => {
    const { tab, write } = await create();
    await write({ over: true });
    await pass(15 * SECOND);
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: true }]);
  });

  it('ends the session even if the user is active in this tab', async () => {
    const { tab, write } = await create();
    await write({ over: true });
    await pass(5 * SECOND);
    tab.act();
    await settle();
    expect(tab.idle).toEqual([{ reason: 'idle', elsewhere: true }]);
  });

  it('does not end a later sign-in that happens while the record is read', async () => {
    const { tab, write } = await create();
    await write({ over: true });
    await pass(5 * SECOND);
    tab.act();
    await tab.session.signIn({ ...TOKENS, accessToken: 'another' });
    await settle();
    expect(tab.idle).toEqual([]);
  });
});
