import { HttpResponse, http } from 'msw';
import { network } from '#network';
import type { Backend, TokenSet } from '../../src/index.js';
import { ORIGIN } from './app.js';
import { createFetchApp, type FetchApp } from './fetch-app.js';

/** A JWT that names its user. */
export function tokenOf(user: string, serial = 0): string {
  return `e30.${btoa(JSON.stringify({ sub: user, serial })).replaceAll('=', '')}.x`;
}

/** A token set that is stale: requests wait for a refresh. */
export function staleTokensOf(user: string): TokenSet {
  return { accessToken: tokenOf(user), refreshToken: `refresh-${user}`, expiresAt: 1 };
}

export interface Seen {
  method: string;
  body: string;
  contentType: string | null;
  /** `null`: sent without a token. */
  token: string | null;
}

export interface HandmadeApp extends FetchApp {
  seen: Seen[];
  /** The running refreshes, to be resolved by the test. */
  refreshes: { resolve(tokens: TokenSet): void; reject(error: unknown): void }[];
  /** Waits until the backend has been called this many times. */
  refreshesBegun(count: number): Promise<void>;
}

export const ECHO = `${ORIGIN}/echo`;

/** An application whose refreshes the test resolves. `/echo` refuses the token `old`, and records what it receives. */
export function createHandmade(changes: Partial<Backend> = {}): HandmadeApp {
  const refreshes: HandmadeApp['refreshes'] = [];
  const backend: Backend = {
    readTokens: (body) => body as TokenSet,
    refresh: () => new Promise((resolve, reject) => refreshes.push({ resolve, reject })),
    ...changes,
  };
  const app = createFetchApp({ session: { backend } });
  const seen: Seen[] = [];
  network.use(
    http.all(ECHO, async ({ request }) => {
      const { method, headers } = request;
      const token = headers.get('authorization')?.replace('Bearer ', '') ?? null;
      seen.push({ method, body: await request.text(), contentType: headers.get('content-type'), token });
      return HttpResponse.json({ token }, { status: token === 'old' ? 401 : 200 });
    }),
  );
  const refreshesBegun = async (count: number) => {
    while (refreshes.length < count) await new Promise((resolve) => setTimeout(resolve));
  };
  return { ...app, seen, refreshes, refreshesBegun };
}
