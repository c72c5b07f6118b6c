import { createTestBackend, type TestBackendStats } from 'unexpired/testing';

/** The settings that the page can change. */
export interface Switches {
  /** Lifetime of the next access token, in seconds. */
  access: number;
  /** Lifetime of the next refresh token, in seconds. */
  refresh: number;
  /** Rejects every refresh. */
  refuses: boolean;
  /** Fails every request with a network error. */
  down: boolean;
}

/** A command from the page. The backend runs in the page or on the server. */
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
  /** Executes the command, and returns the new state. */
  execute(command: Command): DemoState;
}

export const USER = { username: 'kevin', password: 'open-sesame', id: 1 };

/** In seconds. The first pair is from the tutorial. */
export const LIFETIMES = [
  { access: 3, refresh: 5 },
  { access: 10, refresh: 60 },
  { access: 30, refresh: 300 },
] as const;

const ENDPOINTS = ['login', 'refresh', 'order'] as const;
const INITIAL: Switches = { ...LIFETIMES[1], refuses: false, down: false };

/**
 * Creates the backend of the demo. It runs in the page with msw, or on the server over HTTP.
 *
 * @param orderLatency ms
 */
export function createDemoBackend(orderLatency: number): DemoBackend {
  // Slow enough to see in the timeline.
  const backend = createTestBackend({
    users: [USER],
    latency: { login: 150, refresh: 600, order: orderLatency },
  });
  const switches = { ...INITIAL };

  function change(changes: Partial<Switches>): void {
    const { access, refresh, refuses, down } = Object.assign(switches, changes);
    backend.configure({
      accessLifetime: access * 1000,
      refreshLifetime: refresh * 1000,
      // Without a refresh token in the expected header, the backend answers with code 1008, and the token stays valid.
      refreshHeader: refuses ? 'X-Nobody-Sends-This' : 'RefreshAuthorization',
    });
    for (const endpoint of ENDPOINTS) backend.fail(endpoint, down ? 'network' : null);
  }

  const acts = {
    expire: () => backend.expireAccessTokens(),
    revoke: () => backend.revoke(),
    reset() {
      backend.reset();
      change(INITIAL);
    },
  };

  function execute(command: Command): DemoState {
    if (command.switches) change(command.switches);
    if (command.act) acts[command.act]();
    return { stats: { ...backend.stats }, switches: { ...switches } };
  }

  change(INITIAL);
  return { fetch: backend.fetch, handlers: backend.handlers, execute };
}
