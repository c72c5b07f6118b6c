import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createClient } from 'redis';
import { createTestBackend } from 'unexpired/testing/backend';
import { expect, it, onTestFinished } from 'vitest';
import { startServer } from '../contracts/child.ts';
import { serve } from '../support/http.ts';
import { startRedis } from '../support/redis.ts';

const SERVER = join(import.meta.dirname, '../../examples/node-server/server.ts');

it('the Node server of the guide serves one page with three processes and one refresh, with no token in Redis or the browser', async () => {
  const backend = createTestBackend({ protocol: 'oauth2', rotation: 'strict', paths: { order: '/order/' } });
  const api = async (request: Request) =>
    new URL(request.url).pathname === '/login/'
      ? Response.json(backend.issueTokens((await request.json()).username))
      : backend.fetch(request);
  const redis = await startRedis();
  onTestFinished(() => redis.kill());
  const env = {
    REDIS_URL: redis.url,
    API_ORIGIN: await serve(api),
    SESSION_SECRET: randomBytes(32).toString('base64'),
    PORT: '0',
  };
  const servers = await Promise.all([1, 2, 3].map(() => startServer(process.execPath, [SERVER], env)));

  const login = await fetch(`${servers[0]}/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'kevin', password: 'open-sesame' }),
  });
  expect(login.status).toBe(200);
  const setCookie = login.headers.get('Set-Cookie')!;
  expect(setCookie).toMatch(/^__Host-session=[\w-]{43};.*HttpOnly/);
  const headers = { Cookie: setCookie.split(';')[0]! };
  const orders = (index: number) => fetch(`${servers[index % 3]}/orders`, { headers });

  backend.expireAccessTokens();
  const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => orders(index)));
  expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(200));
  expect(backend.stats).toMatchObject({ refreshes: 1, reuses: 0 });

  const client = createClient({ url: redis.url });
  client.on('error', () => {}); // Redis is killed below
  await client.connect();
  onTestFinished(() => client.destroy());
  const keys = await client.keys('*');
  const all = [...keys, ...(await Promise.all(keys.map((key) => client.get(key))))].join('\n');
  expect(keys.some((key) => key.startsWith('session:'))).toBe(true);
  expect(all).not.toContain('accessToken');
  expect(all).not.toContain(headers.Cookie.split('=')[1]);

  await redis.kill();
  expect((await orders(1)).status).toBe(503);
  await redis.restart();
  await expect.poll(async () => (await orders(1)).status).toBe(401);
});
