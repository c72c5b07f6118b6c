import { timeZone } from '../tokens/zone.js';

export type Endpoint = 'login' | 'refresh' | 'order' | 'logout';

export type ProtocolName = 'envelope' | 'oauth2' | 'simple-jwt' | 'cookie';

export interface TestUser {
  username: string;
  password: string;
  id: number | string;
}

interface CommonOptions {
  /** Who can log in. @default [{ username: 'kevin', password: 'open-sesame', id: 1 }] */
  users?: readonly TestUser[];
  /** ms that an access token lives. @default 300_000: no test that is slow meets an expiry that it did not ask for */
  accessLifetime?: number;
  /** ms that a refresh token lives. @default 86_400_000 */
  refreshLifetime?: number;
  /**
   * What becomes of a refresh token that was used. `strict`: it is spent, and its reuse revokes the whole session. `grace`:
   * so, but within `graceWindow` its reuse is answered with new tokens. `single-use`: it is spent, its reuse is refused, and
   * the session goes on. `none`: it stays good until it expires.
   * @default 'strict'; 'single-use' in simple-jwt
   */
  rotation?: 'strict' | 'grace' | 'single-use' | 'none';
  /** ms. @default 10_000 */
  graceWindow?: number;
  /** ms before each answer, or before those of one endpoint, by the global `setTimeout`: fake timers rule it. @default 0 */
  latency?: number | Partial<Record<Endpoint, number>>;
  /** The server's clock, in ms since the epoch. @default Date.now */
  now?: () => number;
  /** Whether JWTs have an `iat`. @default true; false in envelope, as the tutorial's */
  iat?: boolean;
  /**
   * Whether a refresh answers with an access token alone; the refresh token then stays good.
   * @default false; true where nothing rotates, but in envelope
   */
  keepRefreshToken?: boolean;
  /** Whether answers have a `Date`, and let pages of other origins read it. @default true */
  date?: boolean;
  /** Whether pages of other origins are let in: preflights answered, headers and cookies allowed. @default false */
  cors?: boolean;
  /**
   * The paths, wherever they stand; one that ends with `*` stands for all below it: `order: '/api/*'`.
   * @default envelope: '/login/', '/update_token/'; oauth2: '/token' for both; simple-jwt: '/api/token/',
   * '/api/token/refresh/'; cookie: '/login', '/refresh'; orders: '/order/', in oauth2 and cookie '/orders'; logout: '/logout/',
   * in oauth2 '/token/revocation', in simple-jwt '/api/token/blacklist/', in cookie '/logout'
   */
  paths?: Partial<Record<Endpoint, string>>;
  /**
   * What an authorized order answers, for any method: a `Response`, or what becomes its JSON; `undefined` leaves it to the
   * msw handlers that come next. @default the recorded order, for GET
   */
  orders?: (request: Request, userId: TestUser['id']) => unknown;
}

interface OpaqueOption {
  /** Whether access tokens are random strings instead of JWTs. @default false; true in oauth2 */
  opaque?: boolean;
  /** Whether answers have an `expires_in`. @default true; false in envelope */
  expiresIn?: boolean;
}

/** Speaks to `envelopeBackend`. */
export interface EnvelopeTestOptions extends CommonOptions, OpaqueOption {
  protocol?: 'envelope';
  /** The zone in which `token_time` is printed, without an offset. @default 'UTC' */
  timeZone?: string;
  /** Where the access token is read. @default 'both' */
  tokenFrom?: 'header' | 'query' | 'both';
  /** The header that carries the refresh token. @default 'RefreshAuthorization' */
  refreshHeader?: string;
  /** Whether answers have a `token_time`. @default true */
  tokenTime?: boolean;
}

/** Speaks to `oauth2Backend`: RFC 6749 §6, and §4.3 (the password grant) for login. */
export interface OAuth2TestOptions extends CommonOptions, OpaqueOption {
  protocol: 'oauth2';
  /** The only client that is let in. @default any */
  clientId?: string;
}

/** Speaks to `simpleJwtBackend`; takes `Authorization: Bearer …` and `JWT …`. */
export interface SimpleJwtTestOptions extends CommonOptions {
  protocol: 'simple-jwt';
}

/** Speaks to `cookieBackend`: answers `{ access_token, expires_in }`. */
export interface CookieTestOptions extends CommonOptions, OpaqueOption {
  protocol: 'cookie';
  /** The name of the HttpOnly cookie that holds the refresh token. @default 'refresh_token' */
  cookie?: string;
  /**
   * The name of an HttpOnly cookie that holds the access token. Answers then have no token, but a `user` with its `id` and
   * `username`, and requests to the API are authorized by the cookie alone. @default the access token is in the answers
   */
  accessCookie?: string;
  /**
   * A cookie that scripts can read, and the header in which a refresh has to repeat it; with `accessCookie` also every request to the
   * API that is no GET. @default none
   */
  csrf?: { cookie: string; header: string };
  /**
   * Whether the backend is the browser's cookie jar too, for callers that have none: msw, a stubbed `fetch`. `false` where a
   * real browser keeps the cookies: over HTTP, with Playwright. @default true
   */
  cookieJar?: boolean;
}

/** Each protocol with the options that it understands. */
export type TestBackendOptions =
  | EnvelopeTestOptions
  | OAuth2TestOptions
  | SimpleJwtTestOptions
  | CookieTestOptions;

type OptionsOf<Each> = Omit<Each, 'protocol'>;

export type AllOptions = OptionsOf<EnvelopeTestOptions> &
  OptionsOf<OAuth2TestOptions> &
  OptionsOf<CookieTestOptions>;

/** What can be changed while the backend runs: all but the protocol, and the paths at which handlers stand. */
export type ChangeableOptions = Omit<AllOptions, 'paths'>;

type Optional = 'orders' | 'clientId' | 'csrf' | 'accessCookie';

export type TestBackendSettings = Required<Omit<ChangeableOptions, Optional>> & {
  [Name in Optional]: ChangeableOptions[Name] | undefined;
} & ProtocolTraits & { paths: Record<Endpoint, string> };

/** What no application has to choose. */
interface ProtocolTraits {
  /** The claim that names the user. */
  userClaim: 'user_id' | 'sub';
  /** Whether an access token from a refresh has the `iat` of the refresh token. */
  inheritIat: boolean;
  /** Whether access tokens have a `jti`: two of one second differ. */
  jti: boolean;
  /** Whether refresh tokens are random strings. */
  opaqueRefresh: boolean;
  /** Whether, without rotation, either token is taken for the other. */
  interchangeable: boolean;
}

/** In what a protocol differs from the others, unless the options say so. */
export type ProtocolDefaults = Partial<TestBackendSettings> & Pick<TestBackendSettings, 'paths'>;

/** @throws {TypeError | RangeError} naming the option that is wrong. */
export function readTestOptions(options: AllOptions, defaults: ProtocolDefaults): TestBackendSettings {
  const settings: TestBackendSettings = {
    ...GENERAL_DEFAULTS,
    keepRefreshToken: !defaults.interchangeable && options.rotation === 'none',
    ...defaults,
    ...options,
    paths: { ...defaults.paths, ...options.paths },
  };
  assertMilliseconds('accessLifetime', settings.accessLifetime);
  assertMilliseconds('refreshLifetime', settings.refreshLifetime);
  assertMilliseconds('graceWindow', settings.graceWindow);
  assertOneOf('rotation', settings.rotation, ['strict', 'grace', 'single-use', 'none']);
  assertOneOf('tokenFrom', settings.tokenFrom, ['header', 'query', 'both']);
  timeZone(settings.timeZone);
  return settings;
}

const GENERAL_DEFAULTS: Omit<TestBackendSettings, 'paths' | 'keepRefreshToken'> = {
  users: [{ username: 'kevin', password: 'open-sesame', id: 1 }],
  accessLifetime: 300_000,
  refreshLifetime: 86_400_000,
  rotation: 'strict',
  graceWindow: 10_000,
  latency: 0,
  now: () => Date.now(),
  timeZone: 'UTC',
  tokenFrom: 'both',
  refreshHeader: 'RefreshAuthorization',
  opaque: false,
  iat: true,
  tokenTime: true,
  expiresIn: true,
  date: true,
  cors: false,
  orders: undefined,
  clientId: undefined,
  cookie: 'refresh_token',
  csrf: undefined,
  accessCookie: undefined,
  cookieJar: true,
  userClaim: 'user_id',
  inheritIat: false,
  jti: true,
  opaqueRefresh: false,
  interchangeable: false,
};

export function assertMilliseconds(name: string, value: number): void {
  if (typeof value !== 'number' || !(value > 0)) {
    throw new RangeError(`"${name}" must be a positive number of milliseconds, got ${value}`);
  }
}

export function assertOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (!allowed.includes(value))
    throw new TypeError(`"${name}" must be one of ${allowed.join(', ')}, got ${value}`);
}
