import type { Coordination } from '../coordination/coordination.js';
import type { LedgerEntry } from '../coordination/meeting.js';
import type { TokenStore } from '../stores/store.js';
import type { TokenSet } from '../tokens/token-set.js';
import { FleetSession } from './fleet-session.js';
import { Hub } from './hub.js';
import { type RedisOptions, type RedisSettings, readRedisOptions } from './options.js';
import { RedisRecord } from './record.js';
import { RedisMeeting } from './redis-meeting.js';

/**
 * Creates a store that keeps the tokens of one session under one Redis key. All processes that use this key share the
 * session: one of them refreshes, and the others take over its tokens. `read` and `write` also work without a session:
 * `await redisStore({ client, key }).write(null)` signs a user out from anywhere.
 * @throws {TypeError | RangeError} if an option is invalid; the message names the option.
 */
export function redisStore(options: RedisOptions): TokenStore {
  const settings = readRedisOptions(options);
  const hub = Hub.of(settings.client);
  const record = new RedisRecord(hub, settings, (value) => hub.tell(settings.key, value));
  const { join, name } = coordinationOf(settings, true);
  let joined = false;
  return {
    async read() {
      const { tokens, generation = 0 } = (await record.read()) ?? {};
      return tokens ? { ...tokens, generation } : null;
    },
    async write(tokens) {
      // A session writes through its coordination, which compares the tokens with those of the other processes.
      if (!joined) await record.update((old) => successorOf(old, tokens));
    },
    coordination: {
      name,
      join(member) {
        joined = true;
        return join(member);
      },
    },
  };
}

/**
 * Makes the processes of a fleet one session, for a store of your own that they all share, such as a table of your
 * database: `{ read, write, coordination: redisFleet({ client, key }) }`. `redisStore` has this already. The newest tokens
 * are also in Redis; `encrypt` applies to them.
 * @throws {TypeError | RangeError} if an option is invalid; the message names the option.
 */
export function redisFleet(options: RedisOptions): Coordination {
  return coordinationOf(readRedisOptions(options), false);
}

function coordinationOf(settings: RedisSettings, storeIsLedger: boolean): Coordination {
  return {
    name: settings.key,
    join: (member) => new FleetSession(member, new RedisMeeting(settings), storeIsLedger),
  };
}

/** Creates the entry for a sign-in or sign-out without a session. */
function successorOf(old: LedgerEntry | undefined, tokens: TokenSet | null): LedgerEntry {
  const generation = Math.max(Date.now(), (old?.generation ?? 0) + 1) + Math.random() / 2;
  const sessionId = Math.random().toString(36);
  return tokens ? { generation, sessionId, tokens: { ...tokens, sessionId } } : { generation, tokens };
}
