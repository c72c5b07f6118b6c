import { createHmac } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type EnvelopeOptions, envelopeBackend, timeZone } from '../../../src/index.js';
import { outcome, times, USER } from '../../support/app.js';
import { openClient } from '../client.js';
import { openProxy, type ProxyOptions } from '../proxy.js';
import { bothClocks, type Django, startDjango } from './django.js';

const LIFETIME = 300_000;
const HOUR = 3_600_000;
const ORDER = { code: 1006, data: '订单数据' };
/** The same secret as in server.py. */
const KEY = 'only for tests, and long enough for HMAC with SHA-256';

type Options = Partial<EnvelopeOptions> & ProxyOptions;

async function open({ origin }: Django, { hideDate = false, ...options }: Options = {}) {
  const proxy = await openProxy(origin, { hideDate });
  const backend = envelopeBackend({ url: `${proxy.origin}/update_token/`, ...options });
  const client = openClient(backend, proxy.origin);
  const logIn = async (user = USER) => {
    const { data } = await client.api.post('/login/', user, { session: false });
    await client.session.signIn(data);
    return data.data as { token: string; refresh_token: string };
  };
  const order = async () => (await client.api.get('/order/')).data;
  return { ...client, proxy, logIn, order };
}

/** A handmade token of the server that expired a minute ago. */
function expiredToken(): string {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) - 60;
  const payload = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ user_id: 1, exp })}`;
  return `${payload}.${createHmac('sha256', KEY).update(payload).digest('base64url')}`;
}

describe('the tutorial’s Django', () => {
  let django: Django;
  beforeAll(async () => {
    django = await startDjango();
  });

  it('fifty orders with an expired token cost one refresh and 51 calls', async () => {
    const clock = bothClocks(django);
    const { logIn, order, proxy } = await open(django);
    await logIn();
    await clock.tick(LIFETIME);
    expect(await times(50, order)).toEqual(Array(50).fill(ORDER));
    expect(proxy.count('/update_token/', 200)).toBe(1);
    expect(proxy.calls.length).toBe(1 + 51);
  });

  it('a token that the server refuses with 403 and a code costs one refresh, and each order is sent again', async () => {
    const { logIn, order, proxy, session } = await open(django);
    const { refresh_token } = await logIn();
    for (const accessToken of [expiredToken(), 'garbage']) {
      await session.signIn({ accessToken, refreshToken: refresh_token, expiresAt: Date.now() + HOUR });
      expect(await times(5, order)).toEqual(Array(5).fill(ORDER));
    }
    expect(proxy.count('/order/', 403)).toBe(10);
    expect(proxy.count('/update_token/')).toBe(2);
  });

  it('code 1008 ends the session with one event', async () => {
    const clock = bothClocks(django);
    const { logIn, order, ends, proxy, session } = await open(django);
    await logIn();
    await clock.tick(25 * HOUR);
    const outcomes = await times(5, () => outcome(order()));
    expect(outcomes).toEqual(Array(5).fill(expect.objectContaining({ code: 'refresh_rejected' })));
    expect(proxy.count('/update_token/')).toBe(1);
    expect(session.status).toBe('signed-out');
    expect(ends).toEqual(['refresh_rejected']);
  });

  it('a wrong password is an error of signIn, and the caller has the server’s message', async () => {
    const { logIn, session } = await open(django);
    expect(await outcome(logIn({ ...USER, password: 'wrong' }))).toMatchObject({
      code: 'invalid_token_response',
      message: expect.stringContaining('code 1000'),
    });
    expect(session.status).toBe('signed-out');
  });

  it('a URL without its slash is a redirect, which is not followed, and no sign-out', async () => {
    const clock = bothClocks(django);
    const url = `${django.origin}/update_token`;
    const { logIn, order, session } = await open(django, { url });
    await logIn();
    await clock.tick(LIFETIME);
    expect(await outcome(order())).toMatchObject({
      code: 'refresh_unavailable',
      message: expect.stringContaining(`${url} answered a redirect`),
    });
    expect(session.status).toBe('signed-in');
  });
});

/** Sends orders for three lifetimes. The server's clock is `ahead` ms ahead. */
async function shop(django: Django, ahead: number, options: Options) {
  const clock = bothClocks(django, ahead);
  const { logIn, order, proxy, ends, idle } = await open(django, options);
  await logIn();
  for (let step = 0; step < 6; step++) {
    await clock.tick(LIFETIME / 2);
    expect(await times(3, order)).toEqual(Array(3).fill(ORDER));
    await idle();
  }
  expect(ends).toEqual([]);
  return { refreshes: proxy.count('/update_token/'), refused: proxy.count('/order/', 403) };
}

describe.each(['Asia/Shanghai', 'America/New_York'])('the tutorial’s Django in %s', (TZ) => {
  let django: Django;
  beforeAll(async () => {
    django = await startDjango({ TZ });
  });

  it.each([{}, { hideDate: true }, { timeZone: timeZone(TZ) }])(
    'there is one refresh per lifetime, and no order is refused: %j',
    async (options) => {
      expect(await shop(django, 0, options)).toEqual({ refreshes: 3, refused: 0 });
    },
  );
});

describe('the tutorial’s Django with a wrong clock', () => {
  let django: Django;
  beforeAll(async () => {
    django = await startDjango({ TZ: 'Asia/Shanghai' });
  });

  it.each([5 * HOUR, -5 * HOUR])(
    '%i ms ahead, with a Date header: only the lifetime of the sign-in’s token can be wrong',
    async (ahead) => {
      const { refreshes, refused } = await shop(django, ahead, {});
      expect(refreshes).toBeLessThanOrEqual(4);
      expect(refused).toBeLessThanOrEqual(3);
    },
  );

  it.each([5 * HOUR, -5 * HOUR])(
    '%i ms ahead, without a Date header: no order fails, and there is no loop',
    async (ahead) => {
      const { refreshes } = await shop(django, ahead, { hideDate: true });
      expect(refreshes).toBeLessThanOrEqual(4);
    },
  );
});
