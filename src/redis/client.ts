type Method = (...args: never[]) => unknown;

/** A client of `redis` (node-redis) or `ioredis`: a single server, Sentinel or a cluster. */
export interface RedisClient {
  get: Method;
  eval: Method;
  duplicate: Method;
}

/** The Redis commands that this package uses, the same for both clients. */
export interface Commands {
  get(key: string): Promise<string | null>;
  /** Runs a Lua script in one step (`EVAL`). */
  run(script: string, keys: string[], args: string[]): Promise<unknown>;
  /**
   * Subscribes on a separate connection, which never keeps the process alive. Calls `onReady` after each connect and
   * reconnect, because messages may have been missed. Returns a function that unsubscribes.
   */
  subscribe(channel: string, onMessage: (message: string) => void, onReady: () => void): () => void;
}

/**
 * ms after which node-redis drops a command that it could not send. Its default is five seconds, which can pass in a
 * process that is only busy. Callers have their own timeout.
 */
const SEND_TIMEOUT = 60_000;

interface NodeRedis {
  get(key: string): Promise<string | null>;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>;
  duplicate(options?: { minimizeConnections: boolean }): NodeRedis;
  /** The same client with other options. Since version 5. */
  withCommandOptions?(options: { timeout: number }): NodeRedis;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  /** Only on a single connection. */
  unref?(): void;
  /** The cluster node of the subscription. */
  pubSubNode?: { client: { unref(): void } };
  /** Asynchronous with Sentinel. Since version 5. */
  destroy?(): unknown;
  /** Version 4 has this instead of `destroy`. */
  disconnect(): Promise<void>;
}

interface IoRedis {
  get(key: string): Promise<string | null>;
  eval(script: string, keyCount: number, ...keysAndArgs: string[]): Promise<unknown>;
  duplicate(): IoRedis;
  subscribe(channel: string): Promise<unknown>;
  on(event: string, listener: (...args: string[]) => void): unknown;
  /** The socket of a single connection. */
  stream?: { unref?(): void };
  disconnect(): void;
}

export function commandsOf(client: RedisClient): Commands {
  return 'defineCommand' in client
    ? ioRedis(client as unknown as IoRedis)
    : nodeRedis(client as unknown as NodeRedis);
}

function nodeRedis(client: NodeRedis): Commands {
  const patient = client.withCommandOptions?.({ timeout: SEND_TIMEOUT }) ?? client;
  return {
    get: async (key) => patient.get(key),
    run: async (script, keys, args) => patient.eval(script, { keys, arguments: args }),
    subscribe(channel, onMessage, onReady) {
      // A cluster needs no connection to nodes that it does not listen to.
      const subscriber = client.duplicate({ minimizeConnections: true });
      subscriber.on('error', ignore); // it reconnects by itself
      subscriber.on('ready', onReady);
      subscriber.unref?.();
      subscriber.on('node-connect', () => subscriber.pubSubNode?.client.unref());
      subscriber.on('node-ready', onReady);
      subscriber
        .connect()
        .then(() => subscriber.subscribe(channel, onMessage))
        .then(onReady)
        .catch(ignore);
      return () => void attempt(() => (subscriber.destroy ? subscriber.destroy() : subscriber.disconnect()));
    },
  };
}

function ioRedis(client: IoRedis): Commands {
  return {
    get: async (key) => client.get(key),
    run: async (script, keys, args) => client.eval(script, keys.length, ...keys, ...args),
    subscribe(channel, onMessage, onReady) {
      const subscriber = client.duplicate();
      const subscribe = () => void subscriber.subscribe(channel).then(onReady).catch(ignore);
      subscriber.on('error', ignore); // it reconnects by itself
      subscriber.on('connect', () => subscriber.stream?.unref?.());
      subscriber.on('message', (_, message) => onMessage(message));
      // Subscribe again after each reconnect: `onReady` must come when messages arrive again.
      subscriber.on('ready', subscribe);
      subscribe();
      return () => void attempt(() => subscriber.disconnect());
    },
  };
}

function ignore(): void {}

/** A connection that was never opened cannot be closed. */
async function attempt(act: () => unknown): Promise<void> {
  try {
    await act();
  } catch {}
}
