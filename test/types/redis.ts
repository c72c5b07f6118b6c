import { Cluster, Redis } from 'ioredis';
import { createClient, createCluster } from 'redis';
import { createSession, oauth2Backend } from '../../src/index.js';
import { redisFleet, redisStore } from '../../src/redis/index.js';

const backend = oauth2Backend({ url: '/token/', clientId: 'web' });
const key = 'session:1';

// Clients of both libraries, without options.
createSession({ backend, store: redisStore({ client: createClient(), key }) });
createSession({ backend, store: redisStore({ client: createCluster({ rootNodes: [] }), key }) });
createSession({ backend, store: redisStore({ client: new Redis(), key }) });
createSession({ backend, store: redisStore({ client: new Cluster([]), key }) });
redisStore({
  client: new Redis(),
  key,
  encrypt: (text) => text,
  decrypt: async () => null,
  ttl: 1,
  timeout: 1,
});

// A custom store.
const coordination = redisFleet({ client: new Redis(), key });
createSession({ backend, store: { read: async () => null, write: async () => {}, coordination } });

// @ts-expect-error a URL is not a client
redisStore({ client: 'redis://localhost', key });
// @ts-expect-error the session is missing
redisStore({ client: new Redis() });
