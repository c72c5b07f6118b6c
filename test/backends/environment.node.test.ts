import type { AxiosAdapter } from 'axios';
import { HttpResponse, http } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { network } from '#network';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { cookieBackend, createSession } from '../../src/index.js';
import { ORIGIN } from '../support/app.js';
import { createHandmade, ECHO, staleTokensOf, tokenOf } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const url = `${ORIGIN}/refresh`;
const csrf = { cookie: 'csrftoken', header: 'X-CSRFToken' };

afterEach(() => {
  vi.unstubAllGlobals();
});

/** The CSRF header that the backend received. */
async function csrfSent(): Promise<string | null> {
  let sent: string | null = null;
  network.use(
    http.post(url, ({ request }) => {
      sent = request.headers.get('x-csrftoken');
      return HttpResponse.json({ access_token: 'new' });
    }),
  );
  await cookieBackend({ url, csrf }).refresh({ accessToken: '' }, { signal: new AbortController().signal });
  return sent;
}

describe('the CSRF cookie', () => {
  it.each([
    ['is decoded', 'csrftoken=a%20b', 'a b'],
    ['is sent unchanged if it cannot be decoded', 'csrftoken=100%', '100%'],
    ['is sent unchanged if the decoded value does not fit in a header', 'csrftoken=%E4%B8%AD', '%E4%B8%AD'],
    ['is sent unchanged if it contains a line break', 'csrftoken=a%0Ab', 'a%0Ab'],
    ['is distinguished from others', 'xcsrftoken=1;csrftoken=2; csrftoken2=3', '2'],
    ['is not sent if it is empty', 'csrftoken=', null],
    ['is not sent if it is absent', 'other=1', null],
  ])('%s', async (_, cookie, sent) => {
    vi.stubGlobal('document', { cookie });
    expect(await csrfSent()).toBe(sent);
  });

  it.each([
    ['there is no document', undefined],
    ['the document is a shim of another library', { createElement() {} }],
    ['the document has no usable cookies', { cookie: null }],
  ])('is not sent if %s', async (_, document) => {
    vi.stubGlobal('document', document);
    expect(await csrfSent()).toBeNull();
  });
});

it('a session does not stay in restoring because of a cookie that cannot be decoded', async () => {
  vi.stubGlobal('document', { cookie: 'csrftoken=100%', addEventListener() {}, removeEventListener() {} });
  network.use(http.post(url, () => HttpResponse.json({ access_token: 'new' })));
  const session = createSession({ backend: cookieBackend({ url, csrf }) });
  expect(await session.getAccessToken()).toBe('new');
  expect(session.status).toBe('signed-in');
  session.dispose();
});

describe('axios and fetch work with a session, even without', () => {
  /** Globals that some environments do not have, and that these requests do not need. */
  const lacking = [
    'FormData',
    'URLSearchParams',
    'Blob',
    'Request',
    'structuredClone',
    'document',
    'location',
  ];

  it.each(lacking)('%s', async (name) => {
    const { api, session, refreshes, refreshesBegun } = createHandmade({
      refuses: ({ status, body }) => status === 403 && (body() as { code: number }).code === 3,
    });
    const call = createSessionFetch(session, {
      origins: [ORIGIN],
      fetch: async (_, init) => new Response(new Headers(init?.headers).get('authorization')),
    });
    await session.signIn(staleTokensOf('alice'));
    const adapter: AxiosAdapter = async (config) => {
      const data = config.headers.get('Authorization');
      return { data, status: 200, statusText: '', headers: {}, config };
    };
    void session.refresh();
    await refreshesBegun(1);
    vi.stubGlobal(name, undefined);
    const byAxios = api.post('/x', { n: 1 }, { adapter, responseType: 'blob' });
    const byFetch = call(ECHO, { method: 'POST', body: '{"n":1}' });
    refreshes[0]!.resolve({ accessToken: tokenOf('alice', 1) });
    const sent = `Bearer ${tokenOf('alice', 1)}`;
    expect((await byAxios).data).toBe(sent);
    expect(await (await byFetch).text()).toBe(sent);
  });
});
