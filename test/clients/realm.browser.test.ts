import axios from 'axios';
import { HttpResponse, http } from 'msw';
import { expect, it, onTestFinished } from 'vitest';
import { network } from '#network';
import { attachSession } from '../../src/clients/axios.js';
import { createSessionFetch } from '../../src/clients/fetch.js';
import { createHandmade } from '../support/handmade.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

type Realm = typeof globalThis & Window;

/** The globals of an iframe in the page. */
function realmOfIframe(): Realm {
  const iframe = document.body.appendChild(document.createElement('iframe'));
  onTestFinished(() => iframe.remove());
  return iframe.contentWindow as Realm;
}

async function createApi() {
  const seen: unknown[] = [];
  network.use(
    http.all('/who', async ({ request }) => {
      const { method, headers } = request;
      seen.push([method, headers.get('authorization'), headers.get('x-extra'), await request.text()]);
      return HttpResponse.json({}, { status: headers.get('authorization') === 'Bearer old' ? 401 : 200 });
    }),
  );
  const { session } = createHandmade({ refresh: async () => ({ accessToken: 'new' }) });
  await session.signIn({ accessToken: 'old', refreshToken: 'r' });
  return { seen, session, call: createSessionFetch(session) };
}

it('a Request of an iframe keeps its method, headers and body', async () => {
  const realm = realmOfIframe();
  const { call, seen } = await createApi();
  const request = new realm.Request('/who', { method: 'POST', body: 'x', headers: { 'X-Extra': 'kept' } });
  expect((await call(request)).status).toBe(200);
  expect(seen).toEqual([
    ['POST', 'Bearer old', 'kept', 'x'],
    ['POST', 'Bearer new', 'kept', 'x'],
  ]);
  expect(request.bodyUsed).toBe(true);
});

it('a URL, headers and bodies of an iframe work too', async () => {
  const realm = realmOfIframe();
  const { call, seen } = await createApi();
  const form = new realm.URLSearchParams({ n: '1' });
  const headers = new realm.Headers({ 'X-Extra': 'kept' });
  await call(new realm.URL('/who', location.href), { method: 'POST', body: form, headers });
  await call('/who', { method: 'POST', body: new realm.TextEncoder().encode('bytes').buffer });
  await call('/who', { method: 'POST', body: new realm.Blob(['blob']) });
  expect(seen).toEqual([
    ['POST', 'Bearer old', 'kept', 'n=1'],
    ['POST', 'Bearer new', 'kept', 'n=1'],
    ['POST', 'Bearer new', null, 'bytes'],
    ['POST', 'Bearer new', null, 'blob'],
  ]);
});

it('forms and signals of an iframe work with both clients', async () => {
  const realm = realmOfIframe();
  const { call, session, seen } = await createApi();
  const api = axios.create();
  attachSession(api, session);
  const form = new realm.FormData();
  form.append('n', '1');
  const { signal } = new realm.AbortController();
  const params = new realm.URLSearchParams({ n: '2' });
  await call('/who', { method: 'POST', body: form, signal });
  await session.signIn({ accessToken: 'old', refreshToken: 'r' });
  for (const adapter of ['xhr', 'fetch']) await api.post('/who', params, { adapter, signal });
  const body = (text: unknown) => String(text).replace(/.*name="n"\s+(\d).*/s, 'n=$1');
  expect(seen.map((one) => [(one as unknown[])[1], body((one as unknown[])[3])])).toEqual([
    ['Bearer old', 'n=1'],
    ['Bearer new', 'n=1'],
    ['Bearer old', 'n=2'],
    ['Bearer new', 'n=2'],
    ['Bearer new', 'n=2'],
  ]);
});

it('a signal of an iframe ends the wait', async () => {
  const realm = realmOfIframe();
  const { session } = createHandmade();
  await session.signIn({ accessToken: 'old', refreshToken: 'r', expiresAt: 1 });
  const controller = new realm.AbortController();
  const answer = createSessionFetch(session)('/who', { signal: controller.signal });
  controller.abort();
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
});
