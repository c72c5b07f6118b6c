import { beforeEach, onTestFinished, vi } from 'vitest';
import {
  createSession,
  type Session,
  type SessionEvent,
  type SessionOptions,
  type TokenSet,
} from '../../src/index.js';
import { redisStore } from '../../src/redis/index.js';
import { type Refresh, useClock } from '../support/session.js';
import { MemoryRedis } from './memory-redis.js';

export const DAY = 86_400_000;
export const UNAVAILABLE = { code: 'refresh_unavailable' };

/** The Redis of the current test. */
export let redis: MemoryRedis;
/** The backend's responses to refresh calls. */
export let refresh: ReturnType<typeof vi.fn<Refresh>>;
/** The test's clock. */
export let clock: ReturnType<typeof useClock>;

/** Creates a fleet and its Redis in memory for each test. */
export function useFleet(): void {
  clock = useClock();
  beforeEach(() => {
    redis = new MemoryRedis();
    let serial = 1;
    refresh = vi.fn(async () => tokensOf(++serial));
    vi.spyOn(console, 'warn').mockReturnValue();
  });
}

export const tokensOf = (serial: number): TokenSet => ({
  accessToken: `access-${serial}`,
  refreshToken: `refresh-${serial}`,
});

type Opened = Session & { events: SessionEvent[] };

/** Opens a session in a process of its own. */
export function open(options: Partial<SessionOptions> = {}): Opened {
  const backend = { readTokens: (body: unknown) => body as TokenSet, refresh };
  const store = redisStore({ client: redis.node(), key: 'k', timeout: 500 });
  const session = createSession({ backend, store, ...options });
  onTestFinished(() => session.dispose());
  const events: SessionEvent[] = [];
  session.subscribe((event) => events.push(event));
  return Object.assign(Object.create(session) as Session, { events });
}

/** Opens a session in a process that is signed in and gets messages. */
export async function openSignedIn(options?: Partial<SessionOptions>): Promise<Opened> {
  const session = open(options);
  await session.ready;
  await session.signIn(tokensOf(1));
  await clock.tick(1_100);
  session.events.length = 0;
  return session;
}

export const types = ({ events }: { events: SessionEvent[] }): string[] => events.map(({ type }) => type);

/** The entry in Redis. */
export const entry = () => JSON.parse(redis.double.get('k')!.replace(/^\S+ /, ''));

/** Another process writes an entry. */
export const put = (value: object): void =>
  redis.double.set('k', `v${Math.random()} ${JSON.stringify(value)}`, DAY);

export function fail(): void {
  redis.before = () => Promise.reject(new Error('closed'));
}

export function recover(): void {
  redis.before = () => {};
}

/** A message reaches all processes that listen. */
export function tellAll(): void {
  for (const { hear, closed } of redis.subscribers) if (!closed) hear?.('k');
}

/** Stops all messages to the processes that listen now. */
export function deafen(): void {
  for (const subscriber of redis.subscribers) subscriber.hear = undefined;
}
