import { H3, serve } from 'h3';
import { createTestBackend } from 'unexpired/testing/backend';

/** An API to try the examples with. It rotates refresh tokens strictly. */
const { PORT = '4000', ACCESS_LIFETIME = '10000' } = process.env;

const backend = createTestBackend({
  protocol: 'oauth2',
  rotation: 'strict',
  accessLifetime: Number(ACCESS_LIFETIME),
  paths: { refresh: '/token', order: '/order' },
  orders: () => ['blue jeans'],
});

const app = new H3();

app.post('/login/', async ({ req }) => {
  const { username, password } = (await req.json()) as { username: string; password: string };
  const isKnown = username === 'kevin' && password === 'open-sesame';
  return isKnown ? backend.issueTokens(username) : new Response(null, { status: 401 });
});

/** The CRM of the workers has other paths. */
const PATHS: Record<string, string> = { '/oauth/token': '/token', '/contacts': '/order' };

app.all('/**', async ({ req }) => {
  const { refreshes, reuses } = backend.stats;
  const { pathname, origin } = new URL(req.url);
  const answer = await backend.fetch(new Request(new URL(PATHS[pathname] ?? pathname, origin), req));
  if (backend.stats.refreshes > refreshes) console.log(`refresh ${backend.stats.refreshes}`);
  if (backend.stats.reuses > reuses) console.log('A refresh token was used twice: the session has ended');
  return answer;
});

const server = serve(app, { port: Number(PORT), hostname: '127.0.0.1', silent: true });
await server.ready();
console.log(new URL(server.url!).port);
