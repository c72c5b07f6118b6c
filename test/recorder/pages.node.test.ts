import { beforeEach, describe, expect, it, vi } from 'vitest';
import { tabs } from '../../src/index.js';
import { SECOND, START, tokensOf, URL_OF_TOKENS, useBrowser } from './tabs.js';

const { open, ownStore, pass, through, page, answerWith } = useBrowser();

let kept: Record<string, string>;

beforeEach(() => {
  kept = {};
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept[key] ?? null,
    setItem: (key: string, value: string) => void (kept[key] = value),
  });
});

const leave = (persisted = false) =>
  page().dispatchEvent(Object.assign(new Event('pagehide'), { persisted }));
const show = (persisted = false) => page().dispatchEvent(Object.assign(new Event('pageshow'), { persisted }));

async function signedIn(options = {}) {
  const tab = open({ survive: true, ...options });
  await through(tab.session.signIn(tokensOf(1)));
  await pass(SECOND);
  return tab;
}

describe('a recorder with survive: true', () => {
  it('continues after a reload, and other tabs recognize the tab', async () => {
    const { session } = await signedIn();
    const other = open();
    await pass(SECOND);
    answerWith(() => new Promise(() => {})); // the response is lost, because the page is left
    session.refresh().catch(() => {});
    await pass(SECOND);
    leave();
    session.dispose();
    await pass(SECOND);
    const reloaded = open({ survive: true });
    answerWith(() => Response.json({ error: 'invalid_grant' }, { status: 400 }));
    await through(reloaded.session.refresh().catch(() => {}));
    await pass(SECOND);
    expect(reloaded.lines()).toEqual([
      '10:01:00 page opened: signed out',
      '10:01:00 signed in, good until 10:11:00',
      '10:01:01 tab 2: page opened: signed in',
      '10:01:02 asks for new tokens',
      '10:01:03 page left',
      expect.stringMatching(/^10:01:04 page opened: signed in$/),
      expect.stringMatching(/^10:01:04 asks for new tokens$/),
      expect.stringMatching(
        /^10:01:04 refresh refused: 400 invalid_grant, after … ms; 2 s before, this tab had used the same refresh token, and got no new one$/,
      ),
      expect.stringMatching(/^10:01:04 signed out: the backend refused the refresh token$/),
    ]);
    const tabs = other.recorder.report().events.map(({ tab }) => tab);
    expect(new Set(tabs)).toEqual(new Set(['this tab', 'tab 2']));
  });

  it('does not treat the events of the tab from which its tab was copied as its own', async () => {
    const { session } = await signedIn();
    const other = open();
    await pass(SECOND);
    answerWith(() => Promise.reject(new TypeError()));
    await through(session.refresh().catch(() => {}));
    const copy = open({ survive: true });
    const own = copy.recorder.report().events.filter(({ tab }) => tab === 'this tab');
    expect(own.map(({ type }) => type)).toEqual(['opened']);
    await pass(2 * SECOND);
    answerWith(() => Response.json({ error: 'invalid_grant' }, { status: 400 }));
    await through(copy.session.refresh().catch(() => {}));
    expect(copy.lines().at(-2)).toMatch(
      / 2 s before, this tab, or the one of which it is a copy, had used the same refresh token, and got no new one$/,
    );
    expect(copy.lines()).toContainEqual('10:01:00 former tab: page opened: signed out');
    const tabs = other.recorder.report().events.map(({ tab }) => tab);
    expect(new Set(tabs)).toEqual(new Set(['this tab', 'tab 2', 'tab 3']));
  });

  it('continues when the page comes back from the back/forward cache', async () => {
    const { recorder } = await signedIn();
    show(); // a page also gets this event when it opens
    leave(true);
    show(true);
    expect(recorder.report().events.map(({ type }) => type)).toEqual([
      'opened',
      'signed-in',
      'left',
      'returned',
    ]);
  });

  it('recognizes the other tabs by their numbers after a reload', async () => {
    const { session } = await signedIn();
    open();
    await pass(SECOND);
    const third = open();
    await pass(SECOND);
    leave();
    session.dispose();
    const reloaded = open({ survive: true });
    await through(third.session.signOut());
    await pass(SECOND);
    expect(reloaded.lines()).toContainEqual(
      expect.stringMatching(/ tab 3: signed out: signOut\(\) was called$/),
    );
  });

  it('keeps its limit after a reload, and continues the count of dropped events', async () => {
    const { session } = await signedIn({ limit: 2 });
    leave();
    session.dispose();
    const { recorder } = open({ survive: true, limit: 2 });
    expect(recorder.report().events.map(({ type }) => type)).toEqual(['left', 'opened']);
    expect(recorder.report().dropped).toBe(2);
  });

  it('records without sessionStorage, and if it is full', async () => {
    vi.stubGlobal('sessionStorage', {
      getItem: () => null,
      setItem() {
        throw new DOMException('full', 'QuotaExceededError');
      },
    });
    expect((await signedIn()).recorder.report().events).toHaveLength(2);
    vi.stubGlobal('sessionStorage', undefined);
    expect(open({ survive: true }).recorder.report().events).toHaveLength(1);
  });
});

it('a recorder with survive: true writes to one key, named after the session and the backend', () => {
  open({ survive: true, store: { ...ownStore(), coordination: tabs('shop') } });
  expect(Object.keys(kept)).toEqual([`unexpired-recorder:shop:${URL_OF_TOKENS}#app`]);
});

it('a recorder without survive: true writes nothing', async () => {
  const tab = open();
  await through(tab.session.signIn(tokensOf(1)));
  leave();
  expect(kept).toEqual({});
});

describe('saved data of a recorder, read after a reload,', () => {
  const entry = { at: START, tab: 1, type: 'refreshing', generation: START };

  async function openAfter(saved: unknown) {
    const { session } = await signedIn();
    session.dispose();
    const [key = ''] = Object.keys(kept);
    kept[key] = typeof saved === 'string' ? saved : JSON.stringify(saved);
    return open({ survive: true }).recorder;
  }
  const eventsAfter = async (saved: unknown) => (await openAfter(saved)).report();

  it.each(['no JSON', 'null', '[]', '7', '{}', '{"entries":7}', '{"entries":[null,7,[],"a",{}]}'])(
    'is ignored if it is %s',
    async (saved) => {
      expect((await eventsAfter(saved)).events.map(({ type }) => type)).toEqual(['opened']);
    },
  );

  it.each([
    ['belongs to this tab if this tab was left, whatever it heard later', 'left', 'refreshing', 'this tab'],
    ['belongs to a former tab if only another tab was left', 'refreshing', 'left', 'former tab'],
  ])('%s', async (_, own, others, tab) => {
    const { events } = await eventsAfter({
      entries: [
        { ...entry, type: own },
        { ...entry, type: others, at: START + 1, tab: 2 },
      ],
    });
    expect(events.map((event) => event.tab)).toEqual([tab, 'tab 2', 'this tab']);
  });

  it('has no list of other tabs if that is no list', async () => {
    const recorder = await openAfter({ entries: [entry], others: 7 });
    open();
    await pass(SECOND);
    expect(recorder.report().events.at(-1)).toMatchObject({ tab: 'tab 2', type: 'opened' });
  });

  it('has no number of dropped events if that is no number', async () => {
    expect((await eventsAfter({ entries: [entry], dropped: 'secret-token' })).dropped).toBe(0);
  });

  it.each([
    ['type', 'secret-token'],
    ['type', 'toString'],
    ['at', 'secret-token'],
    ['at', START + 500 * 86_400_000],
    ['tab', 1.5],
    ['tab', '1'],
  ])('has no event with the %s %j', async (name, value) => {
    const { events } = await eventsAfter({ entries: [{ ...entry, [name]: value }] });
    expect(events.map(({ type }) => type)).toEqual(['opened']);
  });

  it.each([
    ['generation', 'secret-token'],
    ['generation', 123456789012345],
    ['expiresAt', START + 500 * 86_400_000],
    ['receivedAt', '2026'],
    ['waited', 1e12],
    ['answer', 99],
    ['answer', 200.5],
    ['answer', 12345678],
    ['code', 'secret-token'],
    ['code', '1234567'],
    ['code', 1234],
    ['error', 'secret-token'],
    ['error', 'constructor'],
    ['reason', 'secret-token'],
    ['detail', 'secret-token'],
    ['status', 'secret-token'],
    ['name', 'SecretToken'],
    ['elsewhere', 'secret-token'],
    ['secret', 'secret-token'],
  ])('has no field %s with the value %j', async (name, value) => {
    const { type, at, tab } = entry;
    const { events } = await eventsAfter({ entries: [{ type, at, tab, [name]: value }] });
    expect(events[0]).toEqual({ type, at: new Date(at).toISOString(), tab: 'former tab' });
  });
});

describe('a message of another tab’s recorder', () => {
  it('is used only if it contains a valid event', async () => {
    const { recorder } = open();
    const other = open();
    await pass(SECOND);
    const channel = new BroadcastChannel(channelName());
    const entry = { at: Date.now(), tab: 1, type: 'refreshed', code: 'secret-token', token: 'secret-token' };
    for (const message of [
      { type: 'recorded' },
      { type: 'recorded', from: 'secret-token', entry },
      { type: 'recorded', from: 7, entry: null },
      { type: 'recorded', from: 7, entry: { ...entry, type: 'secret-token' } },
      { type: 'recorded', from: -1, entry },
      { type: 'recorded', from: 0, entry },
    ])
      channel.postMessage(message);
    await pass(SECOND);
    channel.close();
    const { events } = recorder.report();
    expect(events.filter(({ type }) => type !== 'opened')).toEqual([
      { at: expect.any(String), tab: expect.stringMatching(/^tab \d$/), type: 'refreshed' },
    ]);
    expect(JSON.stringify([events, other.recorder.report()])).not.toContain('secret');
  });

  /** The name of the channel between the recorders. */
  function channelName(): string {
    const names: string[] = [];
    vi.stubGlobal(
      'BroadcastChannel',
      class extends BroadcastChannel {
        constructor(name: string) {
          super(name);
          names.push(name);
        }
      },
    );
    open();
    return names.find((name) => name.startsWith('unexpired-recorder')) ?? '';
  }
});
