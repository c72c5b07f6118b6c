import { HttpResponse, http } from 'msw';
import { onTestFinished } from 'vitest';
import { network } from '#network';
import type { Session } from '../../src/index.js';
import { tokenOf } from './handmade.js';

const url = 'https://api.example.com';
/** The serial number of revoked tokens. */
const REVOKED = 9;

export interface RecipeApi {
  /** Each request to `/orders/` and `/graphql`: the user of its token, and its method. */
  seen: string[];
  refreshes: number;
  signIn(user: string, options?: { stale?: boolean; revoked?: boolean }): Promise<void>;
  /** Lets the running refresh respond. */
  release(): void;
  /** Waits until a request waits for a refresh. */
  refreshing(): Promise<void>;
  /** The responses wait for this promise. */
  hold: Promise<void> | undefined;
  /** The status of the next responses. */
  failNext(status: number, count?: number): void;
}

/**
 * The API of the recipes in docs/libraries.md. It returns the user of the token, and refuses a revoked token with
 * `refusal`.
 */
export function createRecipeApi(session: Session, refusal: () => Response = unauthorized): RecipeApi {
  let released = Promise.withResolvers<void>();
  let failures: number[] = [];
  const api: RecipeApi = {
    seen: [],
    refreshes: 0,
    hold: undefined,
    signIn: (user, { stale, revoked } = {}) =>
      session.signIn({
        accessToken: tokenOf(user, revoked ? REVOKED : 0),
        refreshToken: `refresh-${user}`,
        ...(stale && { expiresAt: 1 }),
      }),
    release: () => released.resolve(),
    refreshing: async () => {
      while (!api.refreshes) await new Promise((resolve) => setTimeout(resolve));
    },
    failNext: (status, count = 1) => void (failures = Array(count).fill(status)),
  };
  const answer = async (request: Request, body: (user: string) => object) => {
    const { sub: user = 'nobody', serial } = claimsOf(request);
    api.seen.push(`${request.method} ${user}`);
    await api.hold;
    const failure = failures.shift();
    if (failure) return HttpResponse.json({}, { status: failure });
    return serial === REVOKED ? refusal() : HttpResponse.json(body(user));
  };
  network.use(
    http.post(`${url}/token/refresh/`, async ({ request }) => {
      const { refresh } = (await request.json()) as { refresh: string };
      api.refreshes++;
      await released.promise;
      return HttpResponse.json({
        access: tokenOf(refresh.replace('refresh-', ''), 1),
      });
    }),
    http.all(`${url}/orders/`, ({ request }) => answer(request, (user) => [user])),
    http.all(`${url}/graphql`, ({ request }) => answer(request, (user) => ({ data: { orders: [user] } }))),
  );
  onTestFinished(async () => {
    await session.signOut();
    // Ends waiting responses, because msw waits for its handlers when it stops.
    released.resolve();
    released = Promise.withResolvers();
  });
  return api;
}

function unauthorized(): Response {
  return HttpResponse.json({ detail: 'invalid' }, { status: 401 });
}

function claimsOf(request: Request): { sub?: string; serial?: number } {
  const payload = request.headers.get('authorization')?.split('.')[1];
  return payload ? JSON.parse(atob(payload)) : {};
}
