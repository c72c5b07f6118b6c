import { join } from 'node:path';
import type { AxiosError } from 'axios';
import { jwtDecode } from 'jwt-decode';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { oauth2Backend, type ReauthenticateEvent, type SessionOptions, withStepUp } from '../../src/index.js';
import { outcome, times } from '../support/app.js';
import { startServer } from './child.js';
import { openClient } from './client.js';
import { logIn } from './oidc/log-in.js';
import { openProxy } from './proxy.js';

/** An opaque access token does not identify the user. The ID token does. */
const identify: NonNullable<SessionOptions['identify']> = (_claims, { id_token }) =>
  jwtDecode(String(id_token)).sub;

describe.each(['opaque', 'jwt'])('step-up at oidc-provider, with %s access tokens', (format) => {
  let provider = '';
  beforeAll(async () => {
    provider = await startServer(process.execPath, [join(import.meta.dirname, 'oidc/server.ts')], {
      ACCESS_FORMAT: format,
    });
  });

  /** A user who has signed in with a password, behind a proxy that counts calls. */
  async function signedIn(proveMore: (event: ReauthenticateEvent) => Promise<unknown>) {
    const proxy = await openProxy(provider);
    const ask = vi.fn(proveMore);
    const backend = oauth2Backend({ url: `${proxy.origin}/token`, clientId: 'app' });
    const client = openClient(backend, proxy.origin, { reauthenticate: withStepUp(ask), identify });
    await client.session.signIn(await logIn(provider));
    return { ...client, proxy, ask, transfer: () => client.api.post('/transfers') };
  }

  it('the user signs in as the API requires, and ten waiting transfers succeed', async () => {
    const { transfer, ask, proxy, session, api } = await signedIn(({ challenge }) =>
      logIn(provider, { acr_values: challenge?.acrValues.join(' ') ?? '' }),
    );
    const made = await times(10, transfer);
    expect(made.map(({ data }) => data)).toEqual(Array(10).fill('done'));
    expect(ask).toHaveBeenCalledOnce();
    expect(proxy.count('/transfers', 401)).toBe(10);
    expect(proxy.count('/transfers', 200)).toBe(10);
    expect(proxy.count('/token')).toBe(0);
    // A refresh keeps the step-up.
    await session.refresh();
    expect((await transfer()).data).toBe('done');
    expect((await api.get('/orders')).status).toBe(200);
  });

  it('the caller gets the response of the API if the user cancels, and stays signed in', async () => {
    const { transfer, proxy, api, ends } = await signedIn(() => Promise.reject(new Error('cancelled')));
    const { response } = (await outcome(transfer())) as AxiosError;
    expect([response?.status, response?.data]).toEqual([401, 'more, please']);
    expect(proxy.count('/transfers')).toBe(1);
    expect((await api.get('/orders')).status).toBe(200);
    expect(ends).toEqual([]);
  });
});
