import { createTestBackend, type TestBackendStats } from 'unexpired/testing';

/** How the backend behaves until it is told otherwise. */
export interface Switches {
  /** Seconds that the next access token lives. */
  access: number;
  /** Seconds that the next refresh token lives. */
  refresh: number;
  /** Every refresh is refused. */
  refuses: boolean;
  /** No call gets through. */
  down: boolean;
}

/** What the page asks of the backend, wherever that runs. */
export interface Command {
  switches?: Partial<Switches>;
  act?: 'expire' | 'revoke' | 'reset';
}

export interface DemoState {
  stats: TestBackendStats;
  switches: Switches;
}

export interface DemoBackend {
  fetch(request: Request): Promise<Response>;
  readonly handlers: ReturnType<typeof createTestBackend>['handlers'];
  /** Does what it is told, and says how it stands then. */
  execute(command: Command): DemoState;
}

export const USER = { username: 'kevin', password: 'open-sesame', id: 1 };

/** In seconds; the first are the tutorial's. */
export const LIFETIMES = [
  { access: 3, refresh: 5 },
  { access: 10, refresh: 60 },
  { access: 30, refresh: 300 },
] as const;

const ENDPOINTS = ['login', 'refresh', 'order'] as const;
const INITIAL: Switches = { ...LIFETIMES[1], refuses: false, down: false };

/**
 * One backend for both ways of running: in the page behind msw, in the server over HTTP.
 *
 * @param orderLatency ms
 */
export function createDemoBackend(orderLatency: number): DemoBackend {
  // Slow enough to be seen.
  const backend = createTestBackend({
    users: [USER],
    latency: { login: 150, refresh: 600, order: orderLatency },
  });
  const switches = { ...INITIAL };

  function turn(changes: Partial<Switches>): void {
    const { access, refresh, refuses, down } = Object.assign(switches, changes);
    backend.configure({
      accessLifetime: access * 1000,
      refreshLifetime: refresh * 1000,
      // A refresh token that is not found is refused with code 1008, and is as good as before afterwards.
      refreshHeader: refuses ? 'X-Nobody-Sends-This' : 'RefreshAuthorization',
    });
    for (const endpoint of ENDPOINTS) backend.fail(endpoint, down ? 'network' : null);
  }

  const acts = {
    expire: () => backend.expireAccessTokens(),
    revoke: () => backend.revoke(),
    reset() {
      backend.reset();
      turn(INITIAL);
    },
  };

  function execute(command: Command): DemoState {
    if (command.switches) turn(command.switches);
    if (command.act) acts[command.act]();
    return { stats: { ...backend.stats }, switches: { ...switches } };
  }

  turn(INITIAL);
  return { fetch: backend.fetch, handlers: backend.handlers, execute };
}
