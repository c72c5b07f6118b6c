import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { inject, onTestFinished } from 'vitest';
import {
  type Backend,
  createSession,
  type Session,
  SessionError,
  type SessionEvent,
  type SessionOptions,
  type TokenSet,
} from '../../src/index.js';
import { type RedisClient, type RedisOptions, redisStore } from '../../src/redis/index.js';

/** Creates a client of each library. */
export const LIBRARIES: Record<string, (url: string) => Promise<RedisClient>> = {
  async redis(url) {
    const client = createClient({ url });
    client.on('error', () => {});
    onTestFinished(() => client.destroy());
    return client.connect();
  },
  async ioredis(url) {
    const client = new Redis(url, { lazyConnect: true });
    client.on('error', () => {});
    onTestFinished(() => client.disconnect());
    await client.connect();
    return client;
  },
};

let serial = 0;
export const newKey = (): string => `session:${process.pid}:${Math.random()}:${serial++}`;

/** A backend with strict rotation: a refresh token that is used twice ends the session. */
export class StrictBackend implements Backend {
  refreshes = 0;
  revoked = false;
  /** The lifetime of new access tokens in ms. */
  lifetime = 3_600_000;
  /** Awaited before the response. The server has rotated by then. */
  answering: () => Promise<void> = async () => {};
  unavailable = false;
  #serial = 0;
  #good: string | undefined;

  logIn(lifetime: number = this.lifetime): TokenSet {
    this.revoked = false;
    return this.#issue(lifetime);
  }

  async refresh({ refreshToken }: TokenSet): Promise<TokenSet> {
    this.refreshes++;
    if (this.unavailable) throw new SessionError('refresh_unavailable', 'status 503');
    if (this.revoked || refreshToken !== this.#good) {
      this.revoked = true;
      throw new SessionError('refresh_rejected', 'The refresh token was spent');
    }
    const tokens = this.#issue(this.lifetime);
    await this.answering();
    return tokens;
  }

  readTokens(body: unknown): TokenSet {
    return body as TokenSet;
  }

  #issue(lifetime: number): TokenSet {
    this.#good = `refresh-${++this.#serial}`;
    const accessToken = `access-${this.#serial}`;
    return { accessToken, refreshToken: this.#good, expiresAt: Date.now() + lifetime };
  }
}

export interface FleetProcess {
  client: RedisClient;
  open(options?: Partial<RedisOptions>): Session;
  events: SessionEvent[];
}

/** A process of the fleet. Each Redis client acts as a process of its own. */
export async function startProcess(
  backend: Backend,
  key: string,
  {
    library = 'redis',
    url = inject('redis'),
    ...options
  }: Partial<RedisOptions> & {
    library?: string;
    url?: string;
    session?: Partial<SessionOptions>;
  } = {},
): Promise<FleetProcess> {
  const client = await LIBRARIES[library]!(url);
  const events: SessionEvent[] = [];
  const { session: settings, ...redis } = options;
  return {
    client,
    events,
    open(more) {
      const store = redisStore({ client, key, ...redis, ...more });
      const session = createSession({ backend, store, ...settings });
      session.subscribe((event) => events.push(event));
      onTestFinished(() => session.dispose());
      return session;
    },
  };
}

/** Calls `act` `count` times at once. */
export function times<T>(count: number, act: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => act(index)));
}
