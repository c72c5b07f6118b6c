import { beforeEach, describe, expect, it, vi } from 'vitest';
import { createSession, type TokenSet, tabs } from '../../src/index.js';
import { IndexedRecord } from '../../src/tabs/indexed-record.js';
import { TabMeeting } from '../../src/tabs/tab-meeting.js';
import { usePage } from './page.js';
import { QuickChannel, stubTabs } from './quick-channel.js';

const { page } = usePage();

beforeEach(() => {
  stubTabs();
});

/** A tab that listens, and the mocks that record what it hears. */
function listen(name = 'app', onMessage?: (message: object) => void) {
  const meeting = new TabMeeting(name, undefined, true, onMessage);
  const [changed, suspended] = [vi.fn(), vi.fn()];
  const stop = meeting.listen({ changed, suspended });
  return { meeting, changed, suspended, stop };
}

/** Dispatches an event of the page. `say` sends a message as a script of the page could. */
const happen = (type: string, more: object = {}) =>
  page().dispatchEvent(Object.assign(new Event(type), more));
const say = (data: unknown) => new QuickChannel('unexpired:app').postMessage(data);

function showPage(visibilityState = 'visible'): void {
  vi.stubGlobal('document', Object.assign(page(), { visibilityState }));
}

describe('the channel of a session', () => {
  it.each([
    ['app', undefined, 'unexpired:app'],
    ['app', '', 'unexpired:app'],
    ['app', 'https://api.test/token', 'unexpired:app:https://api.test/token'],
  ])('is named after the session and its backend: %s, %s', (name, url, expected) => {
    expect(new TabMeeting(name, url, true).name).toBe(expected);
  });
});

describe('a change message', () => {
  it('reaches the other tabs with the same session name, but not its sender', () => {
    const [first, second, other] = [listen(), listen(), listen('another')];
    first.meeting.notify();
    expect(second.changed.mock.calls).toEqual([[undefined]]);
    expect(first.changed).not.toHaveBeenCalled();
    expect(other.changed).not.toHaveBeenCalled();
  });

  it('contains the generation of a sign-out', () => {
    const [first, second] = [listen(), listen()];
    first.meeting.notify(7);
    expect(second.changed.mock.calls).toEqual([[7]]);
  });

  it.each([['7'], [Number.NaN], [Number.POSITIVE_INFINITY], [null]])(
    'with the invalid generation %s is treated as a change without a sign-out',
    (ended) => {
      const { changed } = listen();
      say({ type: 'changed', ended });
      expect(changed.mock.calls).toEqual([[undefined]]);
    },
  );

  it('is not received after stop()', () => {
    const [first, second] = [listen(), listen()];
    second.stop();
    first.meeting.notify();
    expect(second.changed).not.toHaveBeenCalled();
    expect(QuickChannel.open.length).toBe(1);
  });
});

describe('any other message', () => {
  it('is passed to the listener for messages', () => {
    const onMessage = vi.fn();
    const { changed } = listen('app', onMessage);
    say({ type: 'asked' });
    expect(onMessage.mock.calls).toEqual([[{ type: 'asked' }]]);
    expect(changed).not.toHaveBeenCalled();
  });

  it.each([[null], [undefined], ['']])('is ignored if it is empty: %j', (data) => {
    const onMessage = vi.fn();
    listen('app', onMessage);
    say(data);
    expect(onMessage).not.toHaveBeenCalled();
  });

  it('is ignored if there is no listener for messages', () => {
    const { changed } = listen();
    expect(() => say({ type: 'asked' })).not.toThrow();
    expect(changed).not.toHaveBeenCalled();
  });

  it('is sent only while the tab listens', () => {
    const meeting = new TabMeeting('app', undefined, true);
    expect(meeting.post({ type: 'asked' })).toBe(false);
    const stop = meeting.listen({ changed: () => {} });
    expect(meeting.post({ type: 'asked' })).toBe(true);
    stop();
    expect(meeting.post({ type: 'asked' })).toBe(false);
  });
});

describe('without BroadcastChannel', () => {
  it.each([
    ['because it is an old browser', undefined],
    [
      'because the user forbids it',
      () => {
        throw new DOMException('insecure', 'SecurityError');
      },
    ],
  ])('messages are not sent %s', (_, Channel) => {
    vi.stubGlobal('BroadcastChannel', Channel);
    const { meeting, stop } = listen();
    expect(meeting.post({ type: 'asked' })).toBe(false);
    expect(stop).not.toThrow();
  });

  it('messages are not sent on a server, because Node’s BroadcastChannel is not opened', () => {
    vi.stubGlobal('location', undefined);
    const { meeting } = listen();
    expect(meeting.post({ type: 'asked' })).toBe(false);
    expect(QuickChannel.open).toEqual([]);
  });
});

describe('a page', () => {
  it.each([
    ['comes back from the back/forward cache', 'pageshow', { persisted: true }, 1],
    ['opens', 'pageshow', { persisted: false }, 0],
    ['becomes visible again', 'visibilitychange', {}, 1],
  ])('that %s checks the ledger (%s %j)', (_, type, event, times) => {
    showPage();
    const { changed } = listen();
    happen(type, event);
    expect(changed.mock.calls).toEqual(Array(times).fill([]));
  });

  it('that is hidden does not check the ledger', () => {
    showPage('hidden');
    const { changed } = listen();
    happen('visibilitychange');
    expect(changed).not.toHaveBeenCalled();
  });

  it('that goes into the back/forward cache closes its channel and gives back its turn', () => {
    const { suspended } = listen();
    happen('pagehide', { persisted: true });
    expect(suspended).toHaveBeenCalledOnce();
    expect(QuickChannel.open).toEqual([]);
  });

  it('that returns hears the other tabs again', () => {
    const [first, second] = [listen(), listen()];
    happen('pagehide', { persisted: true });
    happen('pageshow', { persisted: true });
    second.changed.mockClear();
    first.meeting.notify();
    expect(second.changed).toHaveBeenCalledOnce();
    expect(QuickChannel.open.length).toBe(2);
  });

  it('that only becomes visible again opens no second channel', () => {
    showPage();
    listen();
    happen('visibilitychange');
    expect(QuickChannel.open.length).toBe(1);
  });

  it('that is closed for good does nothing more', () => {
    const { suspended } = listen();
    happen('pagehide', { persisted: false });
    expect(suspended).not.toHaveBeenCalled();
    expect(QuickChannel.open.length).toBe(1);
  });

  it('needs no listener for `suspended`', () => {
    const errors = vi.fn();
    new TabMeeting('app', undefined, true).listen({ changed: () => {} });
    page().addEventListener('error', errors);
    happen('pagehide', { persisted: true });
    expect(errors).not.toHaveBeenCalled();
    expect(QuickChannel.open).toEqual([]);
  });

  it('has no listeners after stop()', () => {
    showPage();
    const { changed, suspended, stop } = listen();
    stop();
    happen('pageshow', { persisted: true });
    happen('visibilitychange');
    happen('pagehide', { persisted: true });
    expect(changed).not.toHaveBeenCalled();
    expect(suspended).not.toHaveBeenCalled();
    expect(QuickChannel.open).toEqual([]);
  });

  it('is not needed: globals without events cause no error', () => {
    vi.stubGlobal('addEventListener', undefined);
    vi.stubGlobal('removeEventListener', undefined);
    vi.stubGlobal('document', { addEventListener: undefined });
    expect(() => listen().stop()).not.toThrow();
    vi.stubGlobal('document', undefined);
    expect(() => listen().stop()).not.toThrow();
  });
});

describe('tabs()', () => {
  const tokens: TokenSet = { accessToken: 'a', refreshToken: 'r' };
  const refreshUrl = 'https://api.test/token';

  /** The record in IndexedDB after a sign-in. */
  async function recordOf(coordination: ReturnType<typeof tabs>) {
    const backend = {
      refreshUrl,
      readTokens: (body: unknown) => body as TokenSet,
      refresh: () => Promise.reject(),
    };
    const session = createSession({ backend, store: { read: () => null, write: () => {}, coordination } });
    await session.ready;
    await session.signIn(tokens);
    session.dispose();
    return new IndexedRecord<{ tokens?: TokenSet }>(`unexpired:app:${refreshUrl}`).update(() => undefined);
  }

  it('has the name of the session', () => {
    expect(tabs('app').name).toBe('app');
  });

  it('writes tokens to IndexedDB, where all tabs can read them', async () => {
    expect(await recordOf(tabs('app'))).toMatchObject({ tokens });
  });

  it('writes no tokens to IndexedDB with persistent: false', async () => {
    const record = await recordOf(tabs('app', { persistent: false }));
    expect(record).toBeDefined();
    expect(record!.tokens).toBeUndefined();
  });

  it.each([
    ['', 'an empty string'],
    [7, '7'],
    [undefined, 'undefined'],
  ])('needs a name: %j', (name, got) => {
    expect(() => tabs(name as string)).toThrow(
      new TypeError(`"name" must be a non-empty string, got ${got}`),
    );
  });
});
