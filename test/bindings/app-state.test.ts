import { HttpResponse, http } from 'msw';
import { describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import { envelopeBackend } from '../../src/index.js';
import { createApp, ORIGIN, USER } from '../support/app.js';
import { fakeClock } from '../support/clock.js';
import { mockNetwork } from '../support/mock-network.js';
import { NOTHING, OWNERS, type Tokens } from './app-states.js';

mockNetwork();

const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.x`;

describe.each(OWNERS)('a session over $name', ({ create, wrote }) => {
  it('writes the tokens as the backend sent them', async () => {
    const owner = create();
    const { session, api } = createApp({ session: { store: owner.store() } });
    const { data } = await api.post('/login/', USER);
    await session.signIn(data);
    expect(owner.state).toMatchObject(data.data);
    await session.signOut();
    expect(owner.state).toMatchObject({ ...NOTHING, name: 'nobody' });
  });

  it('writes each refresh as one ordinary commit, which plugins and devtools see', async () => {
    const owner = create();
    const { session, logIn } = createApp({ session: { store: owner.store() } });
    await logIn();
    owner.seen.length = 0;
    await session.refresh();
    const { token, refresh_token, token_time } = owner.state;
    expect(owner.seen).toEqual([{ type: wrote, payload: { token, refresh_token, token_time } }]);
    expect(token).toBe(await session.getAccessToken());
  });

  it('is signed in at once by the application’s own commit', async () => {
    const owner = create();
    const { session, api, order, events } = createApp({ session: { store: owner.store() } });
    const { data } = await api.post('/login/', USER);
    owner.write(data.data);
    const ordered = order();
    expect(session.status).toBe('signed-in');
    expect(await ordered).toMatchObject({ code: 1006 });
    expect(events[0]).toEqual({ type: 'signed-in' });
  });

  it('is signed out once by the application’s own commit', async () => {
    const onSignedOut = vi.fn();
    const owner = create();
    const { session, logIn } = createApp({ session: { store: owner.store(), onSignedOut } });
    await logIn();
    owner.write(NOTHING);
    owner.write({ token: '', refresh_token: '', token_time: '' });
    expect(session.status).toBe('signed-out');
    expect(onSignedOut).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ reason: 'signed_out_elsewhere' }),
    );
  });

  it('ignores commits that do not change the tokens, and its own commits', async () => {
    const owner = create();
    const { logIn, session, events } = createApp({ session: { store: owner.store() } });
    await logIn();
    await session.refresh();
    owner.rename('kevin');
    expect(events.map(({ type }) => type)).toEqual(['signed-in', 'refreshing', 'refreshed']);
  });

  it('keeps values without a field in the state while the page is open', async () => {
    const owner = create();
    const store = owner.store();
    const { session } = createApp({ session: { store } });
    await session.signIn({
      accessToken: 'a',
      refreshToken: 'r',
      expiresAt: Date.now() + 60_000,
      plan: 'gold',
    });
    owner.rename('kevin');
    expect(store.read()).toMatchObject({ plan: 'gold', receivedAt: expect.any(Number) });
    expect(owner.state).toMatchObject({
      token: 'a',
      refresh_token: 'r',
      token_time: expect.stringMatching(/Z$/),
    });
  });

  it('continues after a reload with the tokens in the state', async () => {
    const owner = create();
    const { session, logIn } = createApp({ session: { store: owner.store() } });
    await logIn();
    const reloaded = createApp({ session: { store: owner.store() } });
    expect(reloaded.session.status).toBe('signed-in');
    expect(await reloaded.session.getAccessToken()).toBe(await session.getAccessToken());
  });

  it('unsubscribes from the state when it is disposed', async () => {
    const owner = create();
    const store = owner.store();
    const { session } = createApp({ session: { store } });
    session.dispose();
    const read = vi.spyOn(store, 'read');
    owner.write({ token: 'a', refresh_token: 'r', token_time: null });
    await new Promise((resolve) => setTimeout(resolve));
    expect(read).not.toHaveBeenCalled();
    expect(session.status).toBe('signed-out');
  });
});

describe('tokens that the application wrote itself', () => {
  const LOCAL_TIME_LONG_AGO = '2026-11-23T20:00:00.403953';
  const write = (written: Partial<Tokens>) => {
    const owner = OWNERS[0]!.create();
    owner.write({ ...NOTHING, refresh_token: 'r', ...written });
    const refresh = vi.fn(async () => ({ accessToken: 'refreshed' }));
    const backend = { refresh, readTokens: () => ({ accessToken: 'a' }) };
    return createApp({ session: { store: owner.store(), backend } }).session;
  };

  it('an opaque token is used until the server refuses it, even with a local expiry time', async () => {
    fakeClock();
    expect(await write({ token: 'opaque', token_time: LOCAL_TIME_LONG_AGO }).getAccessToken()).toBe('opaque');
  });

  it('an expiry time with an offset is used', async () => {
    fakeClock();
    const session = write({ token: 'opaque', token_time: `${LOCAL_TIME_LONG_AGO}+08:00` });
    expect(await session.getAccessToken()).toBe('refreshed');
  });

  it('the claims of a token take precedence', async () => {
    const clock = fakeClock();
    const exp = Math.ceil(Date.now() / 1000) + 60;
    const session = write({ token: jwt({ exp }), token_time: '2036-11-24T08:00:00Z' });
    expect(await session.getAccessToken()).toBe(jwt({ exp }));
    await clock.tick(60_000);
    expect(await session.getAccessToken()).toBe('refreshed');
  });
});

describe('an expiry time in the state', () => {
  const iso = (ms: number) => new Date(Date.now() + ms).toISOString();

  /** The state after each refresh. The argument is merged into the backend's response with the token. */
  async function refreshed(...answers: { expires_in: number; token_time?: string }[]) {
    const owner = OWNERS[0]!.create();
    owner.write({ token: 'old', refresh_token: 'r', token_time: iso(60_000) });
    const store = owner.store();
    const url = `${ORIGIN}/refresh`;
    let serial = 0;
    network.use(
      http.post(url, () => {
        const data = { token: `new-${++serial}`, ...answers.shift() };
        return HttpResponse.json({ code: 1007, data });
      }),
    );
    const { session } = createApp({ session: { store, backend: envelopeBackend({ url }) } });
    while (answers.length) await session.refresh();
    await store.write(await store.read()); // as after another tab's refresh
    return owner;
  }

  it('is the expiry of the current token, even if a refresh returns none', async () => {
    fakeClock();
    const told = { expires_in: 3_600 };
    for (const answers of [[told], [told, told], [{ ...told, token_time: iso(1) }, told]]) {
      const owner = await refreshed(...answers);
      expect(owner.state.token_time).toBe(iso(3_600_000));
      expect(owner.store().read()).toMatchObject({ expiresAt: Date.now() + 3_600_000 });
    }
  });

  it('stays as the backend sent it', async () => {
    const told = { expires_in: 3_600 };
    const owner = await refreshed(told, { ...told, token_time: 'noon' });
    expect(owner.state.token_time).toBe('noon');
  });
});

describe('an opaque token with a lifetime', () => {
  it('is refreshed in time after a reload, because its expiry is in the state', async () => {
    const clock = fakeClock();
    const owner = OWNERS[0]!.create();
    const backend = {
      refresh: async () => ({ accessToken: 'refreshed' }),
      readTokens: () => ({ accessToken: 'opaque', refreshToken: 'r', expiresAt: Date.now() + 60_000 }),
    };
    await createApp({ session: { store: owner.store(), backend } }).session.signIn({});
    const { session } = createApp({ session: { store: owner.store(), backend } });
    expect(await session.getAccessToken()).toBe('opaque');
    await clock.tick(60_000);
    expect(await session.getAccessToken()).toBe('refreshed');
  });
});
