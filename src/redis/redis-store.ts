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
 * Keeps the tokens of one session under one key of Redis, and makes all processes that use this key one session: one of them refreshes,
 * the others take over what it got. Without a session, `read` and `write` work too: `await redisStore({ client, key }).write(null)`
 * signs a user out from anywhere.
 * @throws {TypeError | RangeError} naming the option that is wrong.
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
      // A session writes by its coordination, which compares with what the others have written.
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
 * Makes the processes of a fleet one session, for a store of your own that they all share, such as a table of your database:
 * `{ read, write, coordination: redisFleet({ client, key }) }`. `redisStore` has this already.
 * The newest tokens stand in Redis too; `encrypt` applies to them.
 * @throws {TypeError | RangeError} naming the option that is wrong.
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

/** A sign-in or sign-out without a session. */
function successorOf(old: LedgerEntry | undefined, tokens: TokenSet | null): LedgerEntry {
  const generation = Math.max(Date.now(), (old?.generation ?? 0) + 1) + Math.random() / 2;
  const sessionId = Math.random().toString(36);
  return tokens ? { generation, sessionId, tokens: { ...tokens, sessionId } } : { generation, tokens };
}
