import { createClient } from 'redis';
import { createSession, oauth2Backend, type Session } from 'unexpired';
import { redisStore } from 'unexpired/redis';

/** One server of a fleet, in its own process. It runs the commands of its parent, one after the other. */
const { REDIS_URL, TOKEN_SERVER, REFRESH_TIMEOUT, REDIS_TIMEOUT } = process.env;

const client = createClient({ url: REDIS_URL! });
client.on('error', () => {});
await client.connect();

const sessions = new Map<string, Session>();
const ends: string[] = [];
let ahead = 0;
let isStoppedInTurn = false;
let isHeld = false;

// The parent controls the time of this process.
const now = Date.now;
Date.now = () => now() + ahead;

const backend = oauth2Backend({ url: `${TOKEN_SERVER}/token/`, clientId: 'web' });
const refresh = backend.refresh;
backend.refresh = async (tokens, context) => {
  if (isHeld) await new Promise(() => {});
  return refresh(tokens, context);
};

function open(key: string): Session {
  const store = redisStore({
    client,
    key,
    timeout: Number(REDIS_TIMEOUT),
    encrypt: (text) => Buffer.from(text).toString('base64'),
    decrypt(text) {
      if (isStoppedInTurn) {
        isStoppedInTurn = false;
        process.kill(process.pid, 'SIGSTOP');
      }
      return Buffer.from(text, 'base64').toString();
    },
  });
  const session = createSession({ store, backend, refreshTimeout: Number(REFRESH_TIMEOUT) });
  session.subscribe((event) => {
    if (event.type === 'signed-out') ends.push(event.reason);
  });
  return session;
}

function kept(key: string): Session {
  const session = sessions.get(key) ?? open(key);
  sessions.set(key, session);
  return session;
}

const outcome = (work: Promise<string>) => work.catch((error) => `failed: ${error.code}`);

/** How often each outcome occurred. */
async function count(works: Promise<string>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.all(works.map(outcome))) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

const commands = {
  signIn: ({ key, answer }: { key: string; answer: unknown }) => kept(key).signIn(answer),
  /** Sends many requests with one session, or each with its own session. */
  requests({ key, times, apart }: { key: string; times: number; apart: boolean }) {
    const request = async () => {
      if (!apart) return kept(key).getAccessToken();
      const session = open(key);
      try {
        return await session.getAccessToken();
      } finally {
        session.dispose();
      }
    };
    return count(Array.from({ length: times }, request));
  },
  users: ({ keys }: { keys: string[] }) =>
    Promise.all(keys.map((key) => outcome(kept(key).getAccessToken()))),
  refresh: ({ key }: { key: string }) =>
    outcome(
      kept(key)
        .refresh()
        .then(() => 'refreshed'),
    ),
  status: ({ key }: { key: string }) => kept(key).status,
  ends: () => ends,
  wait: ({ ms }: { ms: number }) => void (ahead += ms),
  stopInTurn: () => void (isStoppedInTurn = true),
  holdBeforeCall: () => void (isHeld = true),
};

process.on(
  'message',
  async ({ id, command, argument }: { id: number; command: keyof typeof commands; argument: never }) => {
    try {
      process.send!({ id, result: await commands[command](argument) });
    } catch (error) {
      process.send!({ id, error: String((error as Error).stack) });
    }
  },
);
process.on('disconnect', () => process.exit());
process.send!({ id: 0 });
