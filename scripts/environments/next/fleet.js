import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { createTestBackend } from 'unexpired/testing/backend';
import { startRedis } from '../../../test/support/redis.ts';
import { serveHandler } from '../support/backend.js';
import { expectText, visitPage } from '../support/page.js';
import { assertQuiet } from './quiet.js';

const EXAMPLE = join(import.meta.dirname, '../../../examples/nextjs');
const COOKIE = '__Host-session';
const REQUESTS = 20;
/** ms. A session subscribes to changes after a second. */
const LATER = 2_000;

/** The example of the guide, in two processes with one Redis. */
export async function checkFleet({ replaceBy, run, start }) {
  replaceBy(EXAMPLE);
  // Without environment variables, as in a container build.
  assertQuiet(await run('next', ['build']));
  const redis = await startRedis();
  const api = await serveApi();
  const env = {
    REDIS_URL: redis.url,
    API_ORIGIN: api.origin,
    SESSION_SECRET: randomBytes(32).toString('base64'),
  };
  const servers = [1, 2].map(() => start('next', ['start', '--port', '0'], { env }));
  try {
    const printed = await Promise.all(servers.map((server) => server.printed(/http:\/\/localhost:\d+/)));
    const origins = printed.map(([origin]) => origin);
    await visitPage(origins[0], (page) => useSite(page, { origins, api, redis }));
    await Promise.all(servers.map((server) => server.stop()));
    for (const { output } of servers) assertQuiet(output);
  } finally {
    api.close();
    await redis.kill();
  }
}

async function useSite(page, { origins, api, redis }) {
  const { backend } = api;
  await signIn(page);
  const cookie = await readCookie(page);
  const open = (index) => openPage(origins[index % origins.length], cookie);

  backend.expireAccessTokens();
  const pages = await Promise.all(Array.from({ length: REQUESTS }, (_, index) => open(index)));
  assert.deepEqual(new Set(pages.map(({ status }) => status)), new Set([200]));
  assert.equal(backend.stats.refreshes, 1);
  assert.equal(backend.stats.reuses, 0);
  for (const { html } of pages) assert.equal(html.match(/<pre>[^<]*blue jeans/g)?.length, 2, html);
  assertNoToken(pages.map(({ html }) => html).join(), api);
  await inspectRedis(redis, api, cookie);

  await page.click('text=Sign out');
  await page.waitForURL('**/login');
  assert.deepEqual(await page.context().cookies(), []);
  assert.equal((await open(1)).location, '/login');

  // The session ends at the token server: the page opens the login page, and shows no error.
  await signIn(page);
  backend.revoke();
  await page.reload();
  await page.waitForURL('**/login');
}

async function signIn(page) {
  await page.waitForURL('**/login');
  await page.fill('[name=username]', 'kevin');
  await page.fill('[name=password]', 'wrong');
  await page.click('text=Sign in');
  await expectText(page, '[role=alert]', 'Wrong name or password');
  await page.fill('[name=username]', 'kevin');
  await page.fill('[name=password]', 'open-sesame');
  await page.click('text=Sign in');
  await expectText(page, 'pre >> nth=1', 'blue jeans');
}

async function readCookie(page) {
  const [cookie, ...others] = await page.context().cookies();
  assert.deepEqual(others, []);
  const { name, httpOnly, secure, sameSite } = cookie;
  assert.deepEqual(
    { name, httpOnly, secure, sameSite },
    { name: COOKIE, httpOnly: true, secure: true, sameSite: 'Lax' },
  );
  return cookie.value;
}

/** Requests the page as a browser does, but without a cache or a limit of connections. */
async function openPage(origin, cookie) {
  const response = await fetch(origin, { headers: { Cookie: `${COOKIE}=${cookie}` }, redirect: 'manual' });
  return { status: response.status, location: response.headers.get('Location'), html: await response.text() };
}

async function inspectRedis({ url }, api, cookie) {
  const client = await createClient({ url }).connect();
  try {
    const keys = await client.keys('session:*');
    assert.equal(keys.length, 1);
    const text = [...keys, ...(await Promise.all(keys.map((key) => client.get(key))))].join();
    assertNoToken(text, api);
    assert.equal(text.includes(cookie), false);
    // A session that was not disposed of would have subscribed by now.
    await setTimeout(LATER);
    assert.doesNotMatch(await client.sendCommand(['CLIENT', 'LIST']), / sub=1/);
  } finally {
    client.destroy();
  }
}

function assertNoToken(text, { issued }) {
  assert.equal(issued.length > 2, true);
  for (const token of issued) assert.equal(text.includes(token), false);
}

/** A token server that rotates strictly, a login, and an API. `issued`: all tokens that it has sent. */
async function serveApi() {
  const backend = createTestBackend({
    protocol: 'oauth2',
    rotation: 'strict',
    paths: { order: '/order/' },
    orders: () => ['blue jeans'],
  });
  const issued = [];
  async function handle(request) {
    const { pathname } = new URL(request.url);
    const answer = pathname === '/login/' ? await logIn(backend, request) : await backend.fetch(request);
    const { access_token, refresh_token } = await answer.clone().json();
    issued.push(...[access_token, refresh_token].filter(Boolean));
    return answer;
  }
  return { ...(await serveHandler(handle)), backend, issued };
}

async function logIn(backend, request) {
  const { username, password } = await request.json();
  if (password !== 'open-sesame') return Response.json({}, { status: 401 });
  return Response.json(backend.issueTokens(username));
}
