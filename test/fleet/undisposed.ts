import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { createSession, oauth2Backend } from 'unexpired';
import { redisStore } from 'unexpired/redis';

/** A process that closes its client, but does not dispose of its session, which listens to messages. */
const [kind, ...urls] = process.argv.slice(2);
/** In ms. A session listens to messages after a second. */
const LISTENING = 2_000;

const clients = {
  redis: () => createClient({ url: urls[0]! }).connect(),
  ioredis: async () => new Redis(urls[0]!),
  cluster: () => createCluster({ rootNodes: urls.map((url) => ({ url })) }).connect(),
};

const client = await clients[kind as keyof typeof clients]();
const session = createSession({
  backend: oauth2Backend({ url: 'http://127.0.0.1:1/token/', clientId: 'web' }),
  store: redisStore({ client, key: 'undisposed' }),
});
await session.ready;
await setTimeout(LISTENING);
console.log(session.status);
if ('destroy' in client) client.destroy();
else client.disconnect();
