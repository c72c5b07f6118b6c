import { type JwtClaims, type JwtRefusal, signJwt, verifyJwt } from './jwt.js';
import type { TestBackendSettings, TestUser } from './options.js';

type UserId = TestUser['id'];

/** What a server says of a token that it will not take. `revoked`: spent, or of a session that has ended. */
export type Refusal = JwtRefusal | 'revoked' | 'wrong-type';

/** One signing-in, and all tokens that come of it. */
export interface Grant {
  readonly id: number;
  readonly userId: UserId;
  revoked: boolean;
}

/** ms since the epoch, by the server's clock. */
interface Times {
  issuedAt: number;
  expiresAt: number;
}

interface RefreshToken extends Readonly<Times> {
  readonly grant: Grant;
  /** When it was used, in ms; `undefined` while it has not been. */
  usedAt: number | undefined;
}

/** Tokens as a protocol prints them. */
export interface IssuedTokens {
  accessToken: string;
  /** Absent where the one that was used stays good. */
  refreshToken: string | undefined;
  /** ms since the epoch, by the server's clock. */
  expiresAt: number;
  userId: UserId;
}

/** The server's memory: who signed in, which tokens are out, which are spent. Knows nothing of HTTP. */
export class Grants {
  readonly #settings: TestBackendSettings;
  readonly #refreshTokens = new Map<string, RefreshToken>();
  readonly #opaqueTokens = new Map<string, JwtClaims>();
  readonly #grants = new Map<number, Grant>();
  #serial = 0;
  /** Raised to make every access token that is out count as expired. */
  #era = 0;
  /** Spent refresh tokens that came back. */
  reuses = 0;

  constructor(settings: TestBackendSettings) {
    this.#settings = settings;
  }

  logIn(username: unknown, password: unknown): IssuedTokens | undefined {
    const user = this.#settings.users.find(
      (known) => known.username === username && known.password === password,
    );
    return user && this.admit(user);
  }

  /** Signs a user in without asking for a password. */
  admit({ id }: TestUser): IssuedTokens {
    const grant: Grant = { id: ++this.#serial, userId: id, revoked: false };
    this.#grants.set(grant.id, grant);
    return this.#issue(grant);
  }

  refresh(token: string): IssuedTokens | Refusal {
    const { rotation, keepRefreshToken, inheritIat, now } = this.#settings;
    const known = this.#refreshTokens.get(token);
    if (!known) return this.#refreshByStranger(token);
    if (known.expiresAt <= now()) return 'expired';
    if (known.grant.revoked) return 'revoked';
    if (this.#isReuse(known)) return this.#reuse(known);
    if (rotation !== 'none' && !keepRefreshToken) known.usedAt ??= now();
    const issuedAt = inheritIat ? known.issuedAt : now();
    return this.#issue(known.grant, { withRefreshToken: !keepRefreshToken, issuedAt });
  }

  /** Whose access token it is. */
  authenticate(token: string): Grant | Refusal {
    const { now } = this.#settings;
    const isRefreshToken = this.#refreshTokens.has(token);
    const claims = this.#opaqueTokens.get(token) ?? verifyJwt(token, now());
    if (typeof claims === 'string') return claims;
    const grant = this.#grants.get(claims.sid as number);
    if (!grant) return 'invalid';
    if (grant.revoked) return 'revoked';
    if (isRefreshToken && !this.#lax) return 'wrong-type';
    const outdated = claims.exp * 1000 <= now() || ((claims.era as number | undefined) ?? 0) < this.#era;
    return outdated && !isRefreshToken ? 'expired' : grant;
  }

  /** Ends the session that a token belongs to, expired as it may be. Whether it was one of this server's, and alive. */
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

  /** The tutorial's views take either token for the other: they differ in nothing but their lifetime. */
  get #lax(): boolean {
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

  /** Something that is no refresh token: an access token, or garbage. */
  #refreshByStranger(token: string): IssuedTokens | Refusal {
    const claims = this.#opaqueTokens.get(token) ?? verifyJwt(token, this.#settings.now());
    if (typeof claims === 'string') return claims;
    const grant = this.#grants.get(claims.sid as number);
    if (!grant) return 'invalid';
    if (!this.#lax) return 'wrong-type';
    return grant.revoked ? 'revoked' : this.#issue(grant);
  }

  #issue(grant: Grant, { withRefreshToken = true, issuedAt = this.#settings.now() } = {}): IssuedTokens {
    const { accessLifetime, opaque, jti, now } = this.#settings;
    const expiresAt = now() + accessLifetime;
    const unique = jti ? { jti: ++this.#serial } : {};
    const more = { ...unique, ...(this.#era && { era: this.#era }) };
    const claims = this.#claims(grant, { issuedAt, expiresAt }, more);
    return {
      accessToken: opaque ? this.#remember(claims) : signJwt(claims),
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
    const token = opaqueRefresh ? this.#random(claims) : signJwt(claims);
    this.#refreshTokens.set(token, {
      grant,
      issuedAt,
      expiresAt: claims.exp * 1000,
      usedAt: undefined,
    });
    return token;
  }

  /** `exp` is a whole second, whatever the lifetime (RFC 7519 §2). */
  #claims(grant: Grant, { issuedAt, expiresAt }: Times, more: object): JwtClaims {
    const { iat, userClaim } = this.#settings;
    const subject = userClaim === 'sub' ? { sub: String(grant.userId) } : { user_id: grant.userId };
    const issued = iat ? { iat: Math.floor(issuedAt / 1000) } : {};
    return { ...subject, sid: grant.id, exp: Math.floor(expiresAt / 1000), ...issued, ...more };
  }

  #remember(claims: JwtClaims): string {
    const token = this.#random(claims);
    this.#opaqueTokens.set(token, claims);
    return token;
  }

  /** Something that looks random, is not, and never comes twice. */
  #random(claims: JwtClaims): string {
    return `${++this.#serial}-${signJwt(claims).slice(-43)}`.slice(0, 43);
  }
}
