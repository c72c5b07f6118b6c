import { assertTimeZone } from '../tokens/time.js';

export type Endpoint = 'login' | 'refresh' | 'order';

export interface TestUser {
  username: string;
  password: string;
  id: number | string;
}

export interface TestBackendOptions {
  /** Who can log in. @default [{ username: 'kevin', password: 'open-sesame', id: 1 }] */
  users?: readonly TestUser[];
  /** ms that an access token lives. @default 3_000, the tutorial's */
  accessLifetime?: number;
  /** ms that a refresh token lives. @default 5_000, the tutorial's */
  refreshLifetime?: number;
  /**
   * What becomes of a refresh token that was used. `strict`: it is spent, and its reuse revokes the whole session. `grace`:
   * so, but within `graceWindow` its reuse is answered with new tokens. `none`: it stays good until it expires.
   * @default 'strict'
   */
  rotation?: 'strict' | 'grace' | 'none';
  /** ms. @default 10_000 */
  graceWindow?: number;
  /** ms before each answer, or before those of one endpoint. @default 0 */
  latency?: number | Partial<Record<Endpoint, number>>;
  /** The server's clock, in ms since the epoch. @default Date.now */
  now?: () => number;
  /** The zone in which `token_time` is printed, without an offset. @default 'UTC' */
  timeZone?: string;
  /** Where the access token is read. @default 'both' */
  tokenFrom?: 'header' | 'query' | 'both';
  /** The header that carries the refresh token. @default 'RefreshAuthorization' */
  refreshHeader?: string;
  /** Whether access tokens are random strings instead of JWTs. @default false */
  opaque?: boolean;
  /** Whether JWTs have an `iat`. @default false, as the tutorial's */
  iat?: boolean;
  /** Whether answers have a `token_time`. @default true */
  tokenTime?: boolean;
  /** Whether answers have an `expires_in`. @default false */
  expiresIn?: boolean;
  /** Whether a refresh answers with an access token alone; the refresh token then stays good. @default false */
  keepRefreshToken?: boolean;
  /** Whether answers have a `Date`, and let pages of other origins read it. @default true */
  date?: boolean;
  /** Whether pages of other origins are let in: preflights answered, headers allowed. @default false, as recorded */
  cors?: boolean;
  /** The paths, wherever they stand. @default { login: '/login/', refresh: '/update_token/', order: '/order/' } */
  paths?: Partial<Record<Endpoint, string>>;
  /** What an authorized order answers, for any method; a `Response`, or what becomes its JSON. @default the recorded order, for GET */
  orders?: (request: Request, userId: number | string) => unknown;
}

export type TestBackendSettings = Required<Omit<TestBackendOptions, 'orders' | 'paths'>> & {
  orders: TestBackendOptions['orders'] | undefined;
  paths: Record<Endpoint, string>;
};

/** @throws {TypeError | RangeError} naming the option that is wrong. */
export function readTestOptions(options: TestBackendOptions): TestBackendSettings {
  const settings: TestBackendSettings = {
    users: [{ username: 'kevin', password: 'open-sesame', id: 1 }],
    accessLifetime: 3_000,
    refreshLifetime: 5_000,
    rotation: 'strict',
    graceWindow: 10_000,
    latency: 0,
    now: () => Date.now(),
    timeZone: 'UTC',
    tokenFrom: 'both',
    refreshHeader: 'RefreshAuthorization',
    opaque: false,
    iat: false,
    tokenTime: true,
    expiresIn: false,
    keepRefreshToken: false,
    date: true,
    cors: false,
    orders: undefined,
    ...options,
    paths: { login: '/login/', refresh: '/update_token/', order: '/order/', ...options.paths },
  };
  assertMilliseconds('accessLifetime', settings.accessLifetime);
  assertMilliseconds('refreshLifetime', settings.refreshLifetime);
  assertMilliseconds('graceWindow', settings.graceWindow);
  assertOneOf('rotation', settings.rotation, ['strict', 'grace', 'none']);
  assertOneOf('tokenFrom', settings.tokenFrom, ['header', 'query', 'both']);
  assertTimeZone(settings.timeZone);
  return settings;
}

export function assertMilliseconds(name: string, value: number): void {
  if (typeof value !== 'number' || !(value > 0)) {
    throw new RangeError(`"${name}" must be a positive number of milliseconds, got ${value}`);
  }
}

export function assertOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new TypeError(`"${name}" must be one of ${allowed.join(', ')}, got ${value}`);
}
