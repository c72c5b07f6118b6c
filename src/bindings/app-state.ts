import type { Coordination } from '../coordination/coordination.js';
import type { TokenStore } from '../stores/store.js';
import { readClaims } from '../tokens/claims.js';
import { expiryOf } from '../tokens/expiry.js';
import { readTime } from '../tokens/time.js';
import type { TokenSet } from '../tokens/token-set.js';

/** What the fields of an application's state are called. */
export interface TokenFields<Name extends string = string> {
  /** @default 'token' */
  accessToken?: Name;
  /** `null`: there is none, as with `cookieBackend`. @default 'refresh_token' */
  refreshToken?: Name | null;
  /**
   * The time of expiry, as the backend sent it under this name; in ISO 8601 where it sent none. Left out where the state
   * has no such field. @default 'token_time'
   */
  expiry?: Name;
}

/** The fields of a state that hold the tokens. */
export type Values = Readonly<Record<string, unknown>>;

/** How an application's state is read and written. */
export interface AppState {
  read(): Values;
  write(values: Values): void;
  subscribe(changed: () => void): () => void;
}

type Fields = Required<TokenFields>;

/**
 * A token store over an application's state, which has room for a part of a token set only. What it has no room for is
 * kept here, for as long as the page is open and the state holds these very tokens; what an application wrote itself, and
 * what a plugin has restored, is judged anew.
 *
 * @throws {TypeError} if the state has no such fields.
 */
export function appStateStore(app: AppState, names?: TokenFields, coordination?: Coordination): TokenStore {
  const fields = { accessToken: 'token', refreshToken: 'refresh_token', expiry: 'token_time', ...names };
  assertFields(app.read(), fields);
  let held = tokensOf(app.read(), fields);
  // Restored, then: whatever the other tabs know is newer.
  if (held && coordination) held = { ...held, generation: 0 };

  function read(): TokenSet | null {
    const values = app.read();
    if (!holds(values, held, fields)) held = tokensOf(values, fields);
    return held;
  }

  return {
    read,
    write(tokens) {
      held = tokens; // first, as who hears of the commit reads at once
      app.write(valuesOf(tokens, fields, app.read()));
      if (read()?.accessToken !== tokens?.accessToken) throw new Error('The state has no new tokens');
    },
    subscribe: app.subscribe,
    ...(coordination && { coordination }),
  };
}

function assertFields(values: Values, { accessToken, refreshToken }: Fields): void {
  for (const name of [accessToken, refreshToken]) {
    if (name !== null && !(name in values))
      throw new TypeError(`The state has no "${name}", but ${Object.keys(values).join() || 'nothing'}`);
  }
}

function holds(values: Values, tokens: TokenSet | null, { accessToken, refreshToken }: Fields): boolean {
  const isSame = (name: string, token: string | undefined) => (values[name] || undefined) === token;
  return (
    isSame(accessToken, tokens?.accessToken) &&
    (refreshToken === null || isSame(refreshToken, tokens?.refreshToken))
  );
}

function tokensOf(values: Values, fields: Fields): TokenSet | null {
  const { accessToken, refreshToken, expiry } = fields;
  const token = values[accessToken] as string;
  if (!token) return null;
  const expiryTime = readMoment(values[expiry]);
  const tokens: Record<string, unknown> = {
    accessToken: token,
    refreshToken: (refreshToken && values[refreshToken]) || undefined,
    [expiry]: values[expiry] ?? undefined,
    expiresAt: expiryTime && expiryOf(readClaims(token), { expiryTime }, Date.now()),
  };
  return tokens as TokenSet;
}

/** A time that is the same wherever it is read: one without an offset is of nobody knows where (law 8). */
function readMoment(value: unknown): number | undefined {
  const time = readTime(value, (utc) => utc);
  return time === readTime(value, (utc) => utc + 1) ? time : undefined;
}

function valuesOf(
  tokens: TokenSet | null,
  { accessToken, refreshToken, expiry }: Fields,
  old: Values,
): Values {
  const known: Partial<TokenSet> = tokens ?? {};
  return {
    [accessToken]: known.accessToken ?? null,
    ...(refreshToken && { [refreshToken]: known.refreshToken ?? null }),
    ...(expiry in old && { [expiry]: known[expiry] ?? printTime(known.expiresAt) }),
  };
}

function printTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
