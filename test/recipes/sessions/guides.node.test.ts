import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AxiosError, type AxiosInstance } from 'axios';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createSessionFetch } from '../../../src/clients/fetch.js';
import type { IdleWatch } from '../../../src/idle/index.js';
import { type Backend, createSession, type Session, type StepUpChallenge } from '../../../src/index.js';
import { fakeClock } from '../../support/clock.js';
import { reply } from '../../support/fetch-stub.js';
import { writeSnippets } from '../../support/snippets.js';
import { fakeStorage } from '../../support/storage.js';

const ORIGIN = 'https://app.test';
/** The requests of the snippets, such as `POST https://app.test/logout/`. */
let sent: { call: string; headers: Headers; body: string; keepalive: boolean }[];
let answer: (call: string) => Response;

beforeEach(() => {
  sent = [];
  answer = () => reply({});
  const page = new EventTarget();
  vi.stubGlobal('window', globalThis);
  vi.stubGlobal('location', Object.assign(new URL(`${ORIGIN}/orders`), { assign: vi.fn() }));
  vi.stubGlobal('document', { cookie: '', addEventListener() {}, removeEventListener() {} });
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.stubGlobal('localStorage', fakeStorage());
  vi.stubGlobal('fetch', async (...args: Parameters<typeof fetch>) => {
    const request = new Request(...args);
    const { method, url, headers, keepalive } = request;
    sent.push({ call: `${method} ${url}`, headers, body: await request.text(), keepalive });
    return answer(`${method} ${url}`);
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Writes the snippets of a guide, so that the test can import them. `more`: other files, or replacements for snippets. */
function snippetsOf(page: string, more: Record<string, string> = {}) {
  const folder = mkdtempSync(join(import.meta.dirname, 'guide-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeSnippets(page, folder);
  for (const [file, code] of Object.entries(more)) writeFileSync(join(folder, file), code);
  return async <Exports>(file: string): Promise<Exports> => import(/* @vite-ignore */ join(folder, file));
}

async function sessionOf(load: ReturnType<typeof snippetsOf>): Promise<Session> {
  const { session } = await load<{ session: Session }>('session.ts');
  onTestFinished(() => session.dispose());
  await session.ready;
  return session;
}

describe('the guide about signing out', () => {
  it('signs out here and on the server, with the refresh token in the body, and then opens another page', async () => {
    const button = new EventTarget();
    Object.assign(document, { querySelector: () => button });
    const load = snippetsOf('docs/sign-out.md');
    const session = await sessionOf(load);
    await load('header.ts');
    await session.signIn({ code: 1001, data: { token: 'access', refresh_token: 'refresh' } });
    button.dispatchEvent(new Event('click'));
    expect(session.status).toBe('signed-out');
    await vi.waitFor(() => expect(location.assign).toHaveBeenCalledWith('/bye'));
    expect(sent).toMatchObject([
      { call: `POST ${ORIGIN}/logout/`, body: '{"refresh_token":"refresh"}', keepalive: true },
    ]);
    expect(sent[0]?.headers.get('authorization')).toBe('access');
  });

  it('logs a sign-out that the server did not accept, without a token', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    answer = () => reply('', 500);
    const load = snippetsOf('docs/sign-out.md');
    const session = await sessionOf(load);
    await load('watch.ts');
    await session.signIn({ code: 1001, data: { token: 'access', refresh_token: 'refresh-1' } });
    await session.signOut();
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/could not be told.*status 500/)]]);
    expect(warn.mock.calls.join()).not.toMatch(/access|refresh-1/);
  });

  it('has a backend of its own that refreshes, and that ends the session with the newest refresh token', async () => {
    const { backend } = await snippetsOf('docs/sign-out.md')<{ backend: Backend }>('backend.ts');
    const session = createSession({ backend });
    onTestFinished(() => session.dispose());
    await session.signIn({ jwt: 'access-1', renewal: 'refresh-1' });
    answer = () => reply({ jwt: 'access-2', renewal: 'refresh-2' });
    await session.refresh();
    await session.signOut();
    expect(sent.map(({ call, headers }) => [call, headers.get('x-renewal')])).toEqual([
      ['POST https://api.example.com/session/renew', 'refresh-1'],
      ['DELETE https://api.example.com/session', 'refresh-2'],
    ]);
  });
});

describe('the guide about step-up', () => {
  const asks: [acrValues: StepUpChallenge['acrValues'], signal: AbortSignal][] = [];
  const jwt = (claims: object) => `e30.${btoa(JSON.stringify(claims)).replaceAll('=', '')}.x`;
  const WEAK = { access_token: jwt({ sub: 'ann', acr: 'password' }), refresh_token: 'r' };
  const STRONG = { access_token: jwt({ sub: 'ann', acr: 'otp' }), refresh_token: 'r' };

  it('asks for the proof that the server requires, and sends the request once more', async () => {
    vi.stubGlobal('openProofDialog', async (...args: (typeof asks)[number]) => {
      asks.push(args);
      return STRONG;
    });
    const dialogs = 'export const { openProofDialog, openPasswordDialog } = globalThis;';
    const session = await sessionOf(snippetsOf('docs/step-up.md', { 'dialogs.ts': dialogs }));
    await session.signIn(WEAK);
    const challenge = 'Bearer error="insufficient_user_authentication", acr_values="otp", max_age="300"';
    answer = () =>
      sent.at(-1)!.headers.get('authorization')?.endsWith(STRONG.access_token)
        ? reply({ done: true })
        : reply('', 401, { 'WWW-Authenticate': challenge });
    const transfer = await createSessionFetch(session)('/transfer', { method: 'POST', body: '5' });
    expect(await transfer.json()).toEqual({ done: true });
    expect(asks).toEqual([[['otp'], expect.any(AbortSignal)]]);
    expect(sent.map(({ call, body }) => [call, body])).toEqual([
      [`POST ${ORIGIN}/transfer`, '5'],
      [`POST ${ORIGIN}/transfer`, '5'],
    ]);
  });
});

describe('the guide about cookie-only sessions', () => {
  it('logs in, refreshes a refused request with the CSRF header alone, and signs out on the server', async () => {
    answer = () => reply('', 401); // nobody is signed in when the page opens
    const load = snippetsOf('docs/cookie-only.md');
    const session = await sessionOf(load);
    expect(session.status).toBe('signed-out');
    const { api, logIn } = await load<{ api: AxiosInstance; logIn(...args: string[]): Promise<void> }>(
      'api.ts',
    );
    Object.assign(document, { cookie: 'csrftoken=abc' });
    sent = [];
    answer = (call) => {
      const isRefused = call.endsWith('/api/orders') && sent.length === 1;
      return isRefused ? reply('', 401) : reply({ user: { id: 7 }, expires_in: 60 });
    };
    api.defaults.adapter = async (config) => {
      const { method = '', baseURL = '', url = '', headers, data: body } = config;
      const init = {
        method: method.toUpperCase(),
        headers: headers.toJSON() as Record<string, string>,
        body,
      };
      const { status } = await fetch(new URL(baseURL + url, ORIGIN), init);
      const response = { status, statusText: '', data: '{}', headers: {}, config };
      if (status < 400) return response;
      throw new AxiosError('refused', undefined, config, undefined, response);
    };
    await logIn('ann', 'secret');
    expect(session.status).toBe('signed-in');
    sent = [];
    await api.post('/orders', {});
    await session.signOut();
    expect(sent.map(({ call }) => call)).toEqual([
      `POST ${ORIGIN}/api/orders`,
      `POST ${ORIGIN}/auth/refresh`,
      `POST ${ORIGIN}/api/orders`,
      `POST ${ORIGIN}/auth/logout`,
    ]);
    for (const { headers } of sent) {
      expect(headers.get('x-csrftoken')).toBe('abc');
      expect(headers.has('authorization')).toBe(false);
    }
  });
});

describe('the guide about httpBackend', () => {
  const spent = { accessToken: 'access-1', refreshToken: 'refresh/1' };
  const { signal } = new AbortController();
  const backends = () =>
    snippetsOf('docs/http-backend.md')<Record<'template' | 'admin' | 'bearer', Backend>>('snippet-1.ts');

  it('has a backend for JSON and for dates of another time zone', async () => {
    const { template } = await backends();
    const data = { accessToken: 'access-2', refreshToken: 'refresh-2', expires: '2030/10/30 00:00:00' };
    answer = () => reply({ success: true, data });
    const expiresAt = Date.parse('2030-10-29T16:00:00Z');
    expect(await template.refresh(spent, { signal })).toMatchObject({ refreshToken: 'refresh-2', expiresAt });
    expect(sent).toMatchObject([
      { call: `POST ${ORIGIN}/refresh-token`, body: '{"refreshToken":"refresh/1"}' },
    ]);
    answer = () => reply({ success: false, data });
    await expect(template.refresh(spent, { signal })).rejects.toMatchObject({
      code: 'invalid_token_response',
    });
  });

  it('has a backend for a GET with a computed header, ms, and codes in the body', async () => {
    const { admin } = await backends();
    localStorage.setItem('tenant', '7');
    const data = { accessToken: 'access-2', refreshToken: 'refresh-2', expiresIn: 7_200_000 };
    answer = () => reply({ code: 0, data });
    const { expiresAt } = await admin.refresh(spent, { signal });
    expect(Math.abs(expiresAt! - Date.now() - 7_200_000)).toBeLessThan(5_000);
    expect(sent[0]?.call).toBe(`GET ${ORIGIN}/auth/refresh?refreshToken=refresh%2F1`);
    expect(sent[0]?.headers.get('tenant-id')).toBe('7');
    answer = () => reply({ code: 401 });
    await expect(admin.refresh(spent, { signal })).rejects.toMatchObject({ code: 'refresh_rejected' });
    expect(admin.refuses?.({ status: 200, headers: new Headers(), body: () => ({ code: 401 }) })).toBe(true);
  });

  it('has a backend for the refresh token as a bearer token', async () => {
    const { bearer } = await backends();
    answer = () => reply({ access_token: 'access-2' });
    expect(await bearer.refresh(spent, { signal })).toMatchObject({ accessToken: 'access-2' });
    expect(sent[0]?.headers.get('authorization')).toBe('Bearer refresh/1');
  });
});

describe('the guide about idle users', () => {
  it('warns a minute before the end, and signs out after fifteen minutes', async () => {
    const clock = fakeClock({ timers: true });
    const load = snippetsOf('docs/idle.md');
    const session = await sessionOf(load);
    const { idle } = await load<{ idle: IdleWatch }>('session.ts');
    await session.signIn({ access_token: 'access', refresh_token: 'refresh' });
    await clock.tick(13.9 * 60_000);
    expect(idle.view.status).toBe('active');
    await clock.tick(0.5 * 60_000);
    expect([idle.view.status, session.status]).toEqual(['warning', 'signed-in']);
    await clock.tick(60_000);
    expect([idle.view.status, session.status]).toEqual(['idle', 'signed-out']);
  });
});
