import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type Backend,
  cookieBackend,
  createSession,
  envelopeBackend,
  httpBackend,
  logout,
  oauth2Backend,
  SessionError,
  sharedMemoryStore,
  simpleJwtBackend,
  warnBeforeEnd,
} from '../../src/index.js';
import { record } from '../../src/recorder/index.js';
import { SECOND, tokensOf, URL_OF_TOKENS as url, useBrowser } from './tabs.js';

const { open, ownStore, pass, through, answerWith } = useBrowser();

const json = (body: unknown, status = 200) => Response.json(body, { status });
const redirect = () => new Response(null, { status: 302, headers: { Location: '/login' } });
const oauth2 = () => oauth2Backend({ url, clientId: 'app' });

beforeEach(() => void vi.spyOn(console, 'warn').mockReturnValue());

/** What a recorder reports about a refresh with this response. */
async function failed(backend: Backend, answer: () => Response | Promise<Response>, options = {}) {
  const { session, recorder, lines } = open({ backend, store: ownStore(), ...options });
  await through(session.signIn({ accessToken: 'a', refreshToken: 'r', expiresAt: Date.now() }));
  answerWith(answer);
  await through(session.refresh().catch(() => {}));
  const index = recorder.report().events.findIndex(({ type }) => type === 'refresh-failed');
  const { error, answer: status, code, detail } = recorder.report().events[index]!;
  return { facts: [error, status, code, detail], line: lines()[index]!.slice('10:01:00 '.length) };
}

describe('a backend’s response to a failed refresh', () => {
  it.each([
    [oauth2(), json({ error: 'invalid_grant' }, 400), 'refresh_rejected', 400, 'invalid_grant'],
    [oauth2(), json({ error: 'invalid_client' }, 401), 'refresh_unavailable', 401, 'invalid_client'],
    [oauth2(), json({ error: 'made_up' }, 400), 'refresh_unavailable', 400, undefined],
    [
      simpleJwtBackend({ url }),
      json({ detail: 'x', code: 'token_not_valid' }, 401),
      'refresh_rejected',
      401,
      'token_not_valid',
    ],
    [
      simpleJwtBackend({ url }),
      json({ detail: 'User is inactive' }, 401),
      'refresh_rejected',
      401,
      undefined,
    ],
    [envelopeBackend({ url }), json({ code: 1008 }), 'refresh_rejected', 200, '1008'],
    [envelopeBackend({ url }), json({ code: 5003 }), 'invalid_token_response', undefined, '5003'],
    [envelopeBackend({ url, rejected: ['gone'] }), json({ code: 'gone' }), 'refresh_rejected', 200, 'gone'],
    [
      envelopeBackend({ url, rejected: ['lost'] }),
      json({ code: 'lost' }),
      'refresh_rejected',
      200,
      undefined,
    ],
    [httpBackend({ url }), json({}, 401), 'refresh_rejected', 401, undefined],
    [cookieBackend({ url }), json({}, 403), 'refresh_unavailable', 403, undefined],
    [oauth2(), json({}, 503), 'refresh_unavailable', 503, undefined],
  ])('is reported with its status and its code: case %#', async (backend, answer, error, status, code) => {
    const { facts } = await failed(backend, () => answer.clone(), { codes: ['gone'] });
    expect(facts).toEqual([error, status, code, undefined]);
  });

  it.each([
    [
      () => Promise.reject(new TypeError('Failed to fetch')),
      undefined,
      'unreachable',
      'the backend could not be reached',
    ],
    [redirect, undefined, 'redirect', 'a redirect'],
    [() => new Response('<h1>Bad gateway</h1>', { status: 502 }), 502, 'not_json', '502, not JSON'],
    [() => new Response('<h1>Wi-Fi</h1>'), 200, 'not_json', '200, not JSON'],
    [() => new Response('x'.repeat(1_000_001)), undefined, 'too_long', 'an answer without an end'],
  ])(
    'is reported with the fault if it is no token response: case %#',
    async (answer, status, detail, words) => {
      const { facts, line } = await failed(oauth2(), answer);
      expect(facts).toEqual(['refresh_unavailable', status, undefined, detail]);
      expect(line).toMatch(new RegExp(`^refresh failed: ${words}, after … ms, next try in (… ms|1 s)$`));
    },
  );

  it('is reported with the pause that it asks for, limited to an hour', async () => {
    const answer = () => new Response('{}', { status: 503, headers: { 'Retry-After': '7200' } });
    const { line } = await failed(oauth2(), answer);
    expect(line).toBe('refresh failed: 503, after … ms, next try in 60 min');
  });

  it('is reported as late if it does not arrive in time', async () => {
    const { line, facts } = await failed(oauth2(), () => new Promise(() => {}));
    expect(line).toMatch(/^refresh failed: no answer in time, after 30 s, next try in (… ms|1 s)$/);
    expect(facts[0]).toBe('refresh_timeout');
  });
});

describe('an error of a custom backend', () => {
  const NO_TAB = 'The tab that has the refresh token could not refresh';

  it.each<[string, string | undefined]>([
    ['There is no refresh token', 'no_refresh_token'],
    ['There is no refresh token of this user', undefined],
    ['401: There is no refresh token', undefined],
    ['No open tab has the refresh token', 'no_tab_has_it'],
    ['No open tab has the refresh token of this user', undefined],
    ['Error: No open tab has the refresh token', undefined],
    ['The refresh of another tab or process failed', 'failed_elsewhere'],
    ['The refresh of another tab or process failed to start', undefined],
    ['Error: The refresh of another tab or process failed', undefined],
    [NO_TAB, 'failed_elsewhere'],
    [`${NO_TAB} today`, undefined],
    [`Error: ${NO_TAB}`, undefined],
    ['/token answered status 200, not JSON', 'not_json'],
    ['/token answered status 200, not JSON but XML', undefined],
    ['/token answered more than 10 characters', 'too_long'],
    ['/token answered more than 10 characters of XML', undefined],
  ])('has a detail only if it has exactly a message of this package: %s', async (message, detail) => {
    const { readTokens } = oauth2();
    const refresh = () => Promise.reject(new SessionError('refresh_unavailable', message));
    const { facts } = await failed({ readTokens, refresh }, () => json({}));
    expect(facts[3]).toBe(detail);
  });
});

describe('a refresh that a tab cannot do by itself is reported', () => {
  it('if there is no refresh token', async () => {
    const { session, lines } = open({ store: ownStore() });
    await through(session.signIn({ accessToken: 'a', expiresAt: Date.now() }));
    await through(session.refresh().catch(() => {}));
    expect(lines().slice(-2)).toEqual([
      expect.stringMatching(/refresh refused: there is no refresh token, after … ms$/),
      expect.stringMatching(/signed out: the backend refused the refresh token$/),
    ]);
  });

  it('if another tab refreshed and failed', async () => {
    const first = open();
    await through(first.session.signIn(tokensOf(1)));
    const second = open();
    await pass(SECOND);
    let give = (_: Response) => {};
    answerWith(() => new Promise((resolve) => (give = resolve)));
    const asking = first.session.refresh().catch(() => {});
    await pass(SECOND);
    const waiting = second.session.refresh().catch(() => {});
    await pass(SECOND);
    give(json({}, 500));
    await through(Promise.all([asking, waiting]));
    expect(second.lines().at(-1)).toMatch(
      /refresh failed: another tab or process asked, and failed, next try in (… ms|1 s)$/,
    );
    expect(second.recorder.report().events.at(-1)).not.toHaveProperty('took');
  });

  it('if the tab that has the refresh token refreshed and failed', async () => {
    const store = () => sharedMemoryStore({ key: 'failed' });
    const first = open({ store: store() });
    await through(first.session.signIn(tokensOf(1)));
    const second = open({ store: store() });
    await through(second.session.ready);
    answerWith(() => json({}, 500));
    await through(second.session.refresh().catch(() => {}));
    await pass(SECOND);
    expect(second.lines()).toContainEqual(
      expect.stringMatching(/\d refresh failed: another tab or process asked, and failed, /),
    );
  });

  it('if no open tab has the refresh token', async () => {
    const first = open({ store: sharedMemoryStore({ key: 'closed' }) });
    await through(
      first.session.signIn({ accessToken: 'a', refreshToken: 'r', expiresAt: Date.now() + 60 * SECOND }),
    );
    const second = open({ store: sharedMemoryStore({ key: 'closed' }) });
    await through(second.session.ready);
    expect(second.session.status).toBe('signed-in');
    first.session.dispose();
    await pass(70 * SECOND);
    await through(second.session.refresh().catch(() => {}));
    expect(second.recorder.report().events).toContainEqual(
      expect.objectContaining({ error: 'refresh_rejected', detail: 'no_tab_has_it' }),
    );
    expect(second.recorder.report().refreshToken).toBe('none');
  });
});

describe('other reported events', () => {
  it('are a store that fails, and a sign-out that the server did not get', async () => {
    const fail = () => {
      throw new DOMException('no', 'SecurityError');
    };
    const { session, lines } = open({
      backend: oauth2Backend({ url, clientId: 'app', signOut: logout(`${url}/out`) }),
      store: { read: fail, write: fail },
    });
    await through(session.signIn(tokensOf(1)));
    answerWith(() => json({}, 500));
    await through(session.signOut());
    const told = lines().map((line) => line.slice('10:01:00 '.length));
    expect(told).toContain('the token store failed: SecurityError');
    expect(told).toContain('signed out: signOut() was called');
    expect(told.at(-1)).toBe('the server could not be told of the sign-out: 500');
  });

  it('are a request to sign in again, and a session that is about to end', async () => {
    const session = createSession({
      backend: oauth2(),
      store: ownStore(),
      reauthenticate: async () => tokensOf(2),
    });
    const recorder = record(session);
    const end = Date.now() + 100 * SECOND;
    await through(session.signIn({ accessToken: 'a', refreshToken: 'r', endsAt: end }));
    warnBeforeEnd(session, { before: 50 * SECOND });
    await pass(60 * SECOND);
    answerWith(() => json({ error: 'invalid_grant' }, 400));
    await through(session.refresh().catch(() => {})); // with opaque tokens, the session cannot tell whether this is the same user
    const [, , ending, asking, asked, again] = recorder.report().text.split('\n').slice(1);
    expect(ending).toBe('10:01:50 the refresh token expires soon: at 10:02:40');
    expect(asking).toMatch(/asks for new tokens$/);
    expect(asked).toMatch(/asks the user to sign in again in place$/);
    expect(again).toMatch(/signed in, good until/);
    session.dispose();
  });
});
