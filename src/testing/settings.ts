import { assertKnown } from '../assert.js';
import { timeZone } from '../tokens/zone.js';
import { assertMilliseconds, assertOneOf } from './assert.js';
import type { AllOptions, ChangeableOptions, Endpoint } from './options.js';

type Optional = 'orders' | 'clientId' | 'csrf' | 'accessCookie';

export type TestBackendSettings = Required<Omit<ChangeableOptions, Optional>> & {
  [Name in Optional]: ChangeableOptions[Name] | undefined;
} & ProtocolTraits & { paths: Record<Endpoint, string> };

/** Properties of a protocol that are not options. */
interface ProtocolTraits {
  /** The claim with the user's id. */
  userClaim: 'user_id' | 'sub';
  /** Whether a refreshed access token has the `iat` of the refresh token. */
  inheritIat: boolean;
  /** Whether access tokens have a `jti`, so that two tokens from the same second differ. */
  jti: boolean;
  /** Whether refresh tokens are random strings. */
  opaqueRefresh: boolean;
  /** Whether, without rotation, the server accepts an access token as a refresh token, and the reverse. */
  interchangeable: boolean;
}

/** The defaults of a protocol; options override them. */
export type ProtocolDefaults = Partial<TestBackendSettings> & Pick<TestBackendSettings, 'paths'>;

/** @throws {TypeError | RangeError} if an option is invalid; the message names the option. */
export function readTestOptions(options: AllOptions, defaults: ProtocolDefaults): TestBackendSettings {
  assertKnown(options, ...Object.keys(OPTION_DEFAULTS), 'keepRefreshToken', 'paths');
  for (const perEndpoint of [options.paths, Object(options.latency)])
    assertKnown(perEndpoint, 'login', 'refresh', 'order', 'logout');
  assertKnown(options.csrf, 'cookie', 'header');
  const settings: TestBackendSettings = {
    ...OPTION_DEFAULTS,
    ...TRAIT_DEFAULTS,
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

const OPTION_DEFAULTS: Omit<TestBackendSettings, 'paths' | 'keepRefreshToken' | keyof ProtocolTraits> = {
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
};

const TRAIT_DEFAULTS: ProtocolTraits = {
  userClaim: 'user_id',
  inheritIat: false,
  jti: true,
  opaqueRefresh: false,
  interchangeable: false,
};
