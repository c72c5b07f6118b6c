import { type JwtClaims, type JwtRefusal, signJwt, verifyJwt } from './jwt.js';
import type { TestUser } from './options.js';
import type { TestBackendSettings } from './settings.js';

type UserId = TestUser['id'];

/** Why the server rejects a token. `revoked`: it was used before, or its session has ended. */
export type Refusal = JwtRefusal | 'revoked' | 'wrong-type';

/** One sign-in, and all tokens that derive from it. */
export interface Grant {
  readonly id: number;
  readonly userId: UserId;
  revoked: boolean;
}

/** ms since the epoch, on the server's clock. */
interface Times {
  issuedAt: number;
  expiresAt: number;
}

interface RefreshToken extends Readonly<Times> {
  readonly grant: Grant;
  /** When the token was used, in ms; `undefined` if it was not used yet. */
  usedAt: number | undefined;
}

/** New tokens, before a protocol formats them. */
export interface IssuedTokens {
  accessToken: string;
  /** `undefined` if the old refresh token stays valid. */
  refreshToken: string | undefined;
  /** ms since the epoch, on the server's clock. */
  expiresAt: number;
  userId: UserId;
}

/** The server's memory: sessions, issued tokens, and used refresh tokens. Independent of HTTP. */
export class Grants {
  readonly #settings: TestBackendSettings;
  readonly #refreshTokens = new Map<string, RefreshToken>();
  readonly #opaqueTokens = new Map<string, JwtClaims>();
  readonly #grants = new Map<number, Grant>();
  #serial = 0;
  /** Access tokens of an earlier era count as expired. */
  #era = 0;
  /** Refresh tokens that were used again after rotation. */
  reuses = 0;

  constructor(settings: TestBackendSettings) {
    this.#settings = settings;
  }

  logIn(username: unknown, password: unknown): IssuedTokens | undefined {
    const user = this.#settings.users.find(
      (known) => known.username === username && known.password === password,
    );
    return user && this.signIn(user);
  }

  /** Signs a user in without a password. */
  signIn({ id }: TestUser): IssuedTokens {
    const grant: Grant = { id: ++this.#serial, userId: id, revoked: false };
    this.#grants.set(grant.id, grant);
    return this.#issue(grant);
  }

  refresh(token: string): IssuedTokens | Refusal {
    const { rotation, keepRefreshToken, inheritIat, now } = this.#settings;
    const known = this.#refreshTokens.get(token);
    if (!known) return this.#refreshWithOther(token);
    if (known.expiresAt <= now()) return 'expired';
    if (known.grant.revoked) return 'revoked';
    if (this.#isReuse(known)) return this.#reuse(known);
    if (rotation !== 'none' && !keepRefreshToken) known.usedAt ??= now();
    const issuedAt = inheritIat ? known.issuedAt : now();
    return this.#issue(known.grant, { withRefreshToken: !keepRefreshToken, issuedAt });
  }

  /** Returns the grant of an access token. */
  authenticate(token: string): Grant | Refusal {
    const { now } = this.#settings;
    const isRefreshToken = this.#refreshTokens.has(token);
    const claims = this.#opaqueTokens.get(token) ?? verifyJwt(token, now());
    if (typeof claims === 'string') return claims;
    const grant = this.#grants.get(claims.sid as number);
    if (!grant) return 'invalid';
    if (grant.revoked) return 'revoked';
    if (isRefreshToken && !this.#acceptsEither) return 'wrong-type';
    const outdated = claims.exp * 1000 <= now() || ((claims.era as number | undefined) ?? 0) < this.#era;
    return outdated && !isRefreshToken ? 'expired' : grant;
  }

  /**
   * Ends the session of a token, even if the token has expired. Returns whether this server issued the token and its
   * session was active.
   */
  end(token: string): boolean {
    const known = this.#refreshTokens.get(token)?.grant ?? this.authenticate(token);
    if (typeof known === 'string' || known.revoked) return false;
    known.revoked = true;
    return true;
  }

  expireAccessTokens(): void {
    this.#era++;
  }

  revoke(userId?: UserId): void {
    for (const grant of this.#grants.values()) {
      if (userId === undefined || grant.userId === userId) grant.revoked = true;
    }
  }

  /** The tutorial's views accept an access token as a refresh token and the reverse, because only their lifetimes differ. */
  get #acceptsEither(): boolean {
    return this.#settings.interchangeable && this.#settings.rotation === 'none';
  }

  #isReuse({ usedAt }: RefreshToken): boolean {
    const { rotation, graceWindow, now } = this.#settings;
    if (usedAt === undefined || rotation === 'none') return false;
    return rotation !== 'grace' || now() - usedAt > graceWindow;
  }

  #reuse({ grant }: RefreshToken): Refusal {
    this.reuses++;
    grant.revoked ||= this.#settings.rotation !== 'single-use';
    return 'revoked';
  }

  /** For a token that is not a refresh token: an access token, or any other string. */
  #refreshWithOther(token: string): IssuedTokens | Refusal {
    const claims = this.#opaqueTokens.get(token) ?? verifyJwt(token, this.#settings.now());
    if (typeof claims === 'string') return claims;
    const grant = this.#grants.get(claims.sid as number);
    if (!grant) return 'invalid';
    if (!this.#acceptsEither) return 'wrong-type';
    return grant.revoked ? 'revoked' : this.#issue(grant);
  }

  #issue(grant: Grant, { withRefreshToken = true, issuedAt = this.#settings.now() } = {}): IssuedTokens {
    const { accessLifetime, opaque, jti, now } = this.#settings;
    const expiresAt = now() + accessLifetime;
    const unique = jti ? { jti: ++this.#serial } : {};
    const extra = { ...unique, ...(this.#era && { era: this.#era }) };
    const claims = this.#claims(grant, { issuedAt, expiresAt }, extra);
    return {
      accessToken: opaque ? this.#issueOpaque(claims) : signJwt(claims),
      refreshToken: withRefreshToken ? this.#issueRefreshToken(grant) : undefined,
      expiresAt,
      userId: grant.userId,
    };
  }

  #issueRefreshToken(grant: Grant): string {
    const { refreshLifetime, rotation, opaqueRefresh, now } = this.#settings;
    const unique = rotation === 'none' ? {} : { jti: ++this.#serial };
    const issuedAt = now();
    const times = { issuedAt, expiresAt: issuedAt + refreshLifetime };
    const claims = this.#claims(grant, times, { ...unique, token_use: 'refresh' });
    const token = opaqueRefresh ? this.#opaque(claims) : signJwt(claims);
    this.#refreshTokens.set(token, {
      grant,
      issuedAt,
      expiresAt: claims.exp * 1000,
      usedAt: undefined,
    });
    return token;
  }

  /** `exp` is in whole seconds for any lifetime, as servers send it. */
  #claims(grant: Grant, { issuedAt, expiresAt }: Times, extra: object): JwtClaims {
    const { iat, userClaim } = this.#settings;
    const subject = userClaim === 'sub' ? { sub: String(grant.userId) } : { user_id: grant.userId };
    const issued = iat ? { iat: Math.floor(issuedAt / 1000) } : {};
    return { ...subject, sid: grant.id, exp: Math.floor(expiresAt / 1000), ...issued, ...extra };
  }

  #issueOpaque(claims: JwtClaims): string {
    const token = this.#opaque(claims);
    this.#opaqueTokens.set(token, claims);
    return token;
  }

  /** A unique string that looks random, but is reproducible. */
  #opaque(claims: JwtClaims): string {
    return `${++this.#serial}-${signJwt(claims).slice(-43)}`.slice(0, 43);
  }
}
