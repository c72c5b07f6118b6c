import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { createSession } from 'unexpired';
import { redisStore } from 'unexpired/redis';

const KEY = 'user';
const TURN = 'user:lock';

async function rotate(tokenServer, { refreshToken }) {
  const answer = await fetch(`${tokenServer}/update_token/`, {
    method: 'POST',
    headers: { 'X-Refresh-Token': refreshToken },
  });
  if (!answer.ok) throw new Error('refused');
  return answer.json();
}

let sent = 0;

/** How many commands this process has sent since the last call. */
export function takeCommands() {
  const count = sent;
  sent = 0;
  return count;
}

async function connect(redisUrl) {
  return counted(await createClient({ url: redisUrl }).connect());
}

/** Counts the commands of a client, and of its copies with other options. */
function counted(client) {
  for (const name of ['get', 'set', 'del', 'eval']) {
    const method = client[name].bind(client);
    client[name] = (...args) => {
      sent++;
      return method(...args);
    };
  }
  const view = client.withCommandOptions.bind(client);
  client.withCommandOptions = (options) => counted(view(options));
  return client;
}

/** Tokens as JSON in Redis. Each request reads them. */
async function plainStore(redisUrl) {
  const client = await connect(redisUrl);
  return {
    client,
    read: async () => JSON.parse(await client.get(KEY)),
    write: (tokens) => client.set(KEY, JSON.stringify(tokens)),
  };
}

const isFresh = ({ expiresAt }) => expiresAt > Date.now() + 1_000;

const contenders = [
  {
    name: 'no coordination',
    async connect({ tokenServer, redisUrl }) {
      const { read, write } = await plainStore(redisUrl);
      return {
        signIn: write,
        async request() {
          const tokens = await read();
          if (isFresh(tokens)) return;
          await write(await rotate(tokenServer, tokens));
        },
      };
    },
  },
  {
    // As in many blog posts: a lock that expires. Its owner reads the tokens again, and releases the lock.
    name: 'SET NX, and wait',
    async connect({ tokenServer, redisUrl }) {
      const { client, read, write } = await plainStore(redisUrl);
      return {
        signIn: write,
        async request() {
          if (isFresh(await read())) return;
          const owner = String(Math.random());
          while (!(await client.set(TURN, owner, { NX: true, PX: 10_000 }))) await sleep(100);
          try {
            const tokens = await read();
            if (!isFresh(tokens)) await write(await rotate(tokenServer, tokens));
          } finally {
            if ((await client.get(TURN)) === owner) await client.del(TURN);
          }
        },
      };
    },
  },
  ...[
    ['unexpired, a session per request', true],
    ['unexpired, a session per process', false],
  ].map(([name, apart]) => ({
    name,
    async connect({ tokenServer, redisUrl }) {
      const client = await connect(redisUrl);
      const backend = { refresh: (tokens) => rotate(tokenServer, tokens), readTokens: (body) => body };
      const open = () => createSession({ backend, store: redisStore({ client, key: KEY }) });
      let kept;
      return {
        signIn: async (tokens) => {
          const session = open();
          await session.signIn(tokens);
          session.dispose();
        },
        async request() {
          const session = apart ? open() : (kept ??= open());
          try {
            await session.getAccessToken();
          } finally {
            if (apart) session.dispose();
          }
        },
      };
    },
  })),
];

export const fleetContenders = contenders.map(({ name }) => name);
export const fleetContenderNamed = (name) => contenders.find((contender) => contender.name === name);
