import { assertKnown } from '../assert.js';
import type { Coordination } from '../coordination/coordination.js';
import type { TokenStore } from '../stores/store.js';
import { readClaims } from '../tokens/claims.js';
import { expiryOf } from '../tokens/expiry.js';
import { readTime } from '../tokens/time.js';
import type { TokenSet } from '../tokens/token-set.js';

/** The names of the fields in your state. */
export interface TokenFields<Name extends string = string> {
  /** The access token. @default 'token' */
  accessToken?: Name;
  /** The refresh token; `null` if the state has none, as with `cookieBackend`. @default 'refresh_token' */
  refreshToken?: Name | null;
  /**
   * The time of expiry: what the backend sent under this name, or else a time in ISO 8601. Not written if the state has no
   * such field.
   * @default 'token_time'
   */
  expiry?: Name;
}

/** The values of an application's state. */
export type Values = Readonly<Record<string, unknown>>;

/** Reads and writes an application's state. */
export interface AppState {
  read(): Values;
  write(values: Values): void;
  subscribe(changed: () => void): () => void;
}

type Fields = Required<TokenFields>;

/**
 * Creates a token store in an application's state. The state has fields for only a part of a token set. The store keeps the
 * rest in memory, as long as the page is open and the state has the same tokens. If the application writes other tokens, or
 * a plugin restores them, the store calculates the expiry again.
 * @throws {TypeError} if the state lacks one of the fields, or a name is misspelt.
 */
export function appStateStore(app: AppState, names?: TokenFields, coordination?: Coordination): TokenStore {
  assertKnown(names, 'accessToken', 'refreshToken', 'expiry');
  const fields = { accessToken: 'token', refreshToken: 'refresh_token', expiry: 'token_time', ...names };
  assertFields(app.read(), fields);
  let held = tokensOf(app.read(), fields);
  // A plugin has restored these tokens: any tokens of other tabs are newer.
  if (held && coordination) held = { ...held, generation: 0 };

  function read(): TokenSet | null {
    const values = app.read();
    const differs = (name: 'accessToken' | 'refreshToken') =>
      fields[name] !== null && (values[fields[name]] || undefined) !== held?.[name];
    if (differs('accessToken') || differs('refreshToken')) held = tokensOf(values, fields);
    return held;
  }

  return {
    read,
    write(tokens) {
      held = tokens; // before the write, because a subscriber of the state may read synchronously
      app.write(valuesOf(tokens, fields, app.read()));
      if (read() !== tokens) throw new Error('The new tokens are not in the state: check the mutation');
    },
    subscribe: app.subscribe,
    coordination,
  };
}

function assertFields(values: Values, { accessToken, refreshToken }: Fields): void {
  for (const name of [accessToken, refreshToken])
    if (name !== null && !(name in values))
      throw new TypeError(`The state has no "${name}" (it has: ${Object.keys(values)}): check the options`);
}

function tokensOf(values: Values, { accessToken, refreshToken, expiry }: Fields): TokenSet | null {
  const token = values[accessToken] as string;
  if (!token) return null;
  // Ignore a time without an offset, because its zone is not known.
  const expiryTime = readTime(values[expiry], () => Number.NaN);
  const tokens: Record<string, unknown> = {
    accessToken: token,
    refreshToken: (refreshToken && values[refreshToken]) || undefined,
    [expiry]: values[expiry] ?? undefined,
    expiresAt: expiryTime && expiryOf(readClaims(token), { expiryTime }, Date.now()),
  };
  return tokens as TokenSet;
}

function valuesOf(
  tokens: TokenSet | null,
  { accessToken, refreshToken, expiry }: Fields,
  old: Values,
): Values {
  return {
    [accessToken]: tokens?.accessToken ?? null,
    ...(refreshToken && { [refreshToken]: tokens?.refreshToken ?? null }),
    ...(expiry in old && { [expiry]: tokens?.[expiry] ?? printTime(tokens?.expiresAt) }),
  };
}

function printTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
