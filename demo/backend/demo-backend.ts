import { createTestBackend } from 'unexpired/testing/backend';
import type { Controls, Counts, Rules } from './messages';
import { USERS } from './users';

export interface DemoBackend {
  fetch(request: Request): Promise<Response>;
  readonly controls: Controls;
  counts(): Counts;
}

/** Slow enough to see in a timeline. */
const LATENCY = { login: 100, refresh: 500, order: 150 };
const FIRST_RULES = { accessLifetime: 300_000, rotation: 'strict', clock: 0 } as const;

/** A backend with rotating refresh tokens. All backends of the playground have the same rules. */
export function createDemoBackend(): DemoBackend {
  let mistaken = 0;
  let release = () => {};
  const backend = createTestBackend({
    users: USERS,
    latency: LATENCY,
    orders(request, userId) {
      const { searchParams } = new URL(request.url);
      if ((searchParams.get('for') ?? userId) !== userId) mistaken++;
      return { code: 1006, data: { number: searchParams.get('number'), owner: userId } };
    },
  });

  function set({ clock, ...rules }: Rules): void {
    backend.configure(clock === undefined ? rules : { ...rules, now: () => Date.now() + clock });
  }

  const controls: Controls = {
    count() {},
    reset() {
      release();
      backend.reset();
      mistaken = 0;
      set({ ...FIRST_RULES, timeZone: ownZone() });
    },
    set,
    expireAccessTokens: () => backend.expireAccessTokens(),
    revoke: () => backend.revoke(),
    fail: (endpoint, fault) => backend.fail(endpoint, fault),
    failNext: (endpoint, fault) => backend.failNext(endpoint, fault),
    hold(endpoint) {
      release = backend.hold(endpoint);
    },
    release: () => release(),
    called: (endpoint, count) => backend.called(endpoint, count),
  };
  controls.reset();
  return { fetch: backend.fetch, controls, counts: () => ({ ...backend.stats, mistaken }) };
}

/** The user's own time zone: times without an offset are then read correctly. */
function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
