import { HttpResponse, http } from 'msw';
import { describe, expect, it } from 'vitest';
import { network } from '#network';
import { createTestBackend } from '../../src/testing/index.js';
import { mockNetwork } from '../support/mock-network.js';

mockNetwork();

const ORIGIN = 'https://api.test';

describe("an application's handlers after those of the backend", () => {
  function createGuarded() {
    const backend = createTestBackend({ paths: { order: '/api/*' }, orders: () => undefined });
    network.use(
      ...backend.handlers,
      http.post('*/api/users', async ({ request }) => HttpResponse.json({ created: await request.json() })),
    );
    const { data } = backend.issueTokens() as { data: { token: string } };
    const create = (headers: Record<string, string>) =>
      fetch(`${ORIGIN}/api/users`, { method: 'POST', body: '{"name":"ann"}', headers });
    return { backend, create, token: data.token };
  }

  it('answer an authorized request, with its whole body', async () => {
    const { backend, create, token } = createGuarded();
    const answer = await create({ Authorization: token });
    expect(await answer.json()).toEqual({ created: { name: 'ann' } });
    expect(backend.stats).toMatchObject({ ordersOk: 1, ordersRefused: 0 });
    expect(backend.log).toEqual([expect.objectContaining({ method: 'POST', path: '/api/users', status: 0 })]);
  });

  it('are not called for an unauthorized request', async () => {
    const { backend, create, token } = createGuarded();
    expect((await create({})).status).toBe(403);
    backend.expireAccessTokens();
    expect(await (await create({ Authorization: token })).json()).toMatchObject({ code: '1003' });
    expect(backend.stats).toMatchObject({ ordersOk: 0, ordersRefused: 2 });
  });
});

it('a path with a star matches all paths below it, but login and refresh take precedence', async () => {
  const backend = createTestBackend({
    paths: { order: '/*' },
    orders: (request) => new URL(request.url).pathname,
  });
  network.use(...backend.handlers);
  const { data } = backend.issueTokens() as { data: { token: string } };
  const get = async (path: string) =>
    (await fetch(ORIGIN + path, { headers: { Authorization: data.token } })).json();
  expect(await get('/anything/at/all?x=1')).toBe('/anything/at/all');
  await fetch(`${ORIGIN}/update_token/`, { method: 'POST' });
  expect(backend.stats).toMatchObject({ ordersOk: 1, refreshFailures: 1 });
});

it('a direct call of the backend gets no response to a request that is left to other handlers', async () => {
  const backend = createTestBackend({ orders: () => undefined });
  const { data } = backend.issueTokens() as { data: { token: string } };
  const request = new Request(`${ORIGIN}/order/`, { headers: { Authorization: data.token } });
  expect((await backend.fetch(request)).status).toBe(404);
});

it('login and refresh can have the same path; otherwise each has its own', async () => {
  const backend = createTestBackend({ protocol: 'oauth2', paths: { login: '/sign-in' } });
  network.use(...backend.handlers);
  const post = (path: string, fields: Record<string, string>) =>
    fetch(ORIGIN + path, { method: 'POST', body: new URLSearchParams({ client_id: 'app', ...fields }) });
  const password = { grant_type: 'password', username: 'kevin', password: 'open-sesame' };
  const { refresh_token } = await (await post('/sign-in', password)).json();
  await post('/token', { grant_type: 'refresh_token', refresh_token });
  expect(backend.stats).toMatchObject({ logins: 1, refreshes: 1 });
});

it('a network fault is a network error of fetch', async () => {
  const backend = createTestBackend();
  network.use(...backend.handlers);
  backend.failNext('order', 'network');
  await expect(fetch(`${ORIGIN}/order/`)).rejects.toThrow(TypeError);
});
