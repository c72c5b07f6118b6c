import { setTimeout } from 'node:timers/promises';
import { createClient } from 'redis';
import { createSession, oauth2Backend, type Session } from 'unexpired';
import { redisStore } from 'unexpired/redis';

/** A process with many sessions. Prints the bytes for each session, and the bytes that remain after it is disposed. */
const SESSIONS = 5_000;
const AT_ONCE = 100;
/** In ms. A session listens to messages after a second. */
const LISTENING = 1_500;

const client = await createClient({ url: process.env.REDIS_URL! }).connect();
const backend = oauth2Backend({ url: 'http://127.0.0.1:1/token/', clientId: 'web' });

let users = 0;
// The first round also creates what all sessions share, and compiles the code.
const before = await round();
const { alive, left } = await round();
console.log(
  JSON.stringify({ alive: (alive - before.left) / SESSIONS, left: (left - before.left) / SESSIONS }),
);
client.destroy();

/** The bytes while the sessions exist, and afterwards. */
async function round(): Promise<{ alive: number; left: number }> {
  const sessions = await use(SESSIONS);
  await setTimeout(LISTENING);
  const alive = await bytes();
  for (const session of sessions.splice(0)) session.dispose();
  return { alive, left: await bytes() };
}

async function use(count: number): Promise<Session[]> {
  const used: Session[] = [];
  while (used.length < count)
    used.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => open(users++)))));
  return used;
}

/** The token in Redis is fresh. Each session is used once. */
async function open(user: number): Promise<Session> {
  const session = createSession({ backend, store: redisStore({ client, key: `session:${user}` }) });
  await session.getAccessToken();
  return session;
}

async function bytes(): Promise<number> {
  for (let times = 0; times < 3; times++) {
    await setTimeout(100);
    gc!();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
