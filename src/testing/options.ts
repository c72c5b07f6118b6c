export const ENDPOINTS = ['login', 'refresh', 'order', 'logout'] as const;

export type Endpoint = (typeof ENDPOINTS)[number];

export type ProtocolName = 'envelope' | 'oauth2' | 'simple-jwt' | 'cookie';

export interface TestUser {
  username: string;
  password: string;
  id: number | string;
}

interface CommonOptions {
  /** The users who can log in. @default [{ username: 'kevin', password: 'open-sesame', id: 1 }] */
  users?: readonly TestUser[];
  /** Lifetime of access tokens in ms. The default is long, so that no token expires by accident in a slow test. @default 300_000 */
  accessLifetime?: number;
  /** Lifetime of refresh tokens in ms. @default 86_400_000 */
  refreshLifetime?: number;
  /**
   * What happens when a refresh token is used again.
   * - `strict`: the whole session is revoked.
   * - `grace`: like `strict`, but within `graceWindow` the server answers with new tokens.
   * - `single-use`: the server rejects the token, and the session continues.
   * - `none`: the server accepts the token until it expires.
   * @default 'strict'; 'single-use' in simple-jwt
   */
  rotation?: 'strict' | 'grace' | 'single-use' | 'none';
  /** How long `grace` accepts a used refresh token, in ms. @default 10_000 */
  graceWindow?: number;
  /** Delay of each response in ms, or per endpoint. It uses the global `setTimeout`, so fake timers control it. @default 0 */
  latency?: number | Partial<Record<Endpoint, number>>;
  /** The server's clock, in ms since the epoch. @default Date.now */
  now?: () => number;
  /** Whether JWTs have an `iat`. @default true; false in envelope, as in the tutorial */
  iat?: boolean;
  /**
   * Whether a refresh returns only an access token. The refresh token then stays valid.
   * @default false; true without rotation, except in envelope
   */
  keepRefreshToken?: boolean;
  /** Whether responses have a `Date` header; with `cors`, pages of other origins can read it. @default true */
  date?: boolean;
  /** Whether pages of other origins may send requests: the backend answers preflights, and allows headers and cookies. @default false */
  cors?: boolean;
  /**
   * The paths of the endpoints, on any origin and below any other path. `*` at the end matches all paths below: `order: '/api/*'`.
   * @default envelope: '/login/', '/update_token/'; oauth2: '/token' for both; simple-jwt: '/api/token/',
   * '/api/token/refresh/'; cookie: '/login', '/refresh'; orders: '/order/', in oauth2 and cookie '/orders'; logout: '/logout/',
   * in oauth2 '/token/revocation', in simple-jwt '/api/token/blacklist/', in cookie '/logout'
   */
  paths?: Partial<Record<Endpoint, string>>;
  /**
   * Answers an authorized request to the API, with any method. Return a `Response`, or a value that is sent as JSON. If you return
   * `undefined`, the next msw handlers answer the request. @default a recorded response, for GET
   */
  orders?: (request: Request, userId: TestUser['id']) => unknown;
}

interface OpaqueOption {
  /** Whether access tokens are random strings instead of JWTs. @default false; true in oauth2 */
  opaque?: boolean;
  /** Whether responses have an `expires_in`. @default true; false in envelope */
  expiresIn?: boolean;
}

/** The protocol of `envelopeBackend`. */
export interface EnvelopeTestOptions extends CommonOptions, OpaqueOption {
  /** @default 'envelope' */
  protocol?: 'envelope';
  /** The time zone of `token_time`, which has no offset. @default 'UTC' */
  timeZone?: string;
  /** Where the server reads the access token. @default 'both' */
  tokenFrom?: 'header' | 'query' | 'both';
  /** The header that carries the refresh token. @default 'RefreshAuthorization' */
  refreshHeader?: string;
  /** Whether responses have a `token_time`. @default true */
  tokenTime?: boolean;
}

/** The protocol of `oauth2Backend`: RFC 6749 §6, and §4.3 (the password grant) for the login. */
export interface OAuth2TestOptions extends CommonOptions, OpaqueOption {
  protocol: 'oauth2';
  /** The only client that the server accepts. @default any */
  clientId?: string;
}

/** The protocol of `simpleJwtBackend`. Accepts `Authorization: Bearer …` and `JWT …`. */
export interface SimpleJwtTestOptions extends CommonOptions {
  protocol: 'simple-jwt';
}

/** The protocol of `cookieBackend`. Responses are `{ access_token, expires_in }`. */
export interface CookieTestOptions extends CommonOptions, OpaqueOption {
  protocol: 'cookie';
  /** The name of the HttpOnly cookie that holds the refresh token. @default 'refresh_token' */
  cookie?: string;
  /**
   * The name of an HttpOnly cookie that holds the access token. Responses then have no token, but a `user` with its `id` and
   * `username`, and requests to the API need only the cookie. @default the access token is in the responses
   */
  accessCookie?: string;
  /**
   * A cookie that scripts can read, and the header in which a refresh must repeat its value. With `accessCookie`,
   * also every API request except GET needs it. @default none
   */
  csrf?: { cookie: string; header: string };
  /**
   * Whether the backend stores cookies for its callers, because msw and a stubbed `fetch` do not. Set `false` if a real browser
   * stores them: over HTTP, or with Playwright. @default true
   */
  cookieJar?: boolean;
}

/** The options of each protocol. */
export type TestBackendOptions =
  | EnvelopeTestOptions
  | OAuth2TestOptions
  | SimpleJwtTestOptions
  | CookieTestOptions;

type OptionsOf<Each> = Omit<Each, 'protocol'>;

export type AllOptions = OptionsOf<EnvelopeTestOptions> &
  OptionsOf<OAuth2TestOptions> &
  OptionsOf<CookieTestOptions>;

/** The options that can change while the backend runs. The protocol and the paths cannot, because the msw handlers depend on them. */
export type ChangeableOptions = Omit<AllOptions, 'paths'>;
