import { type JwtClaims, type Refusal, signJwt, verifyJwt } from './jwt.js';
import type { TestBackendSettings, TestUser } from './options.js';

type UserId = TestUser['id'];

/** One signing-in, and all tokens that come of it. */
interface Grant {
  readonly id: number;
  readonly userId: UserId;
  revoked: boolean;
}

interface RefreshToken {
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
    if (!user) return undefined;
    const grant: Grant = { id: ++this.#serial, userId: user.id, revoked: false };
    this.#grants.set(grant.id, grant);
    return this.#issue(grant);
  }

  refresh(token: string): IssuedTokens | Refusal {
    const { rotation, keepRefreshToken, now } = this.#settings;
    // The tutorial's view takes an access token for a refresh token: they differ in nothing but their lifetime.
    if (rotation === 'none' && !this.#refreshTokens.has(token)) return this.#refreshByAccessToken(token);
    const claims = verifyJwt(token, now());
    if (typeof claims === 'string') return claims;
    const known = this.#refreshTokens.get(token);
    if (!known || known.grant.revoked) return 'invalid';
    if (this.#isReuse(known)) {
      this.reuses++;
      known.grant.revoked = true;
      return 'invalid';
    }
    if (rotation !== 'none' && !keepRefreshToken) known.usedAt ??= now();
    return this.#issue(known.grant, !keepRefreshToken);
  }

  /** Whose access token it is. */
  authenticate(token: string): UserId | Refusal {
    const { rotation, now } = this.#settings;
    const claims = this.#opaqueTokens.get(token) ?? verifyJwt(token, now());
    if (typeof claims === 'string') return claims;
    const grant = this.#grants.get(claims.sid as number);
    if (!grant || grant.revoked) return 'invalid';
    if (rotation !== 'none' && this.#refreshTokens.has(token)) return 'invalid';
    const outdated = claims.exp * 1000 <= now() || ((claims.era as number | undefined) ?? 0) < this.#era;
    return outdated && !this.#refreshTokens.has(token) ? 'expired' : grant.userId;
  }

  expireAccessTokens(): void {
    this.#era++;
  }

  revoke(userId?: UserId): void {
    for (const grant of this.#grants.values()) {
      if (userId === undefined || grant.userId === userId) grant.revoked = true;
    }
  }

  #isReuse({ usedAt }: RefreshToken): boolean {
    const { rotation, graceWindow, now } = this.#settings;
    return usedAt !== undefined && (rotation === 'strict' || now() - usedAt > graceWindow);
  }

  #refreshByAccessToken(token: string): IssuedTokens | Refusal {
    const claims = verifyJwt(token, this.#settings.now());
    if (typeof claims === 'string') return claims;
    const grant = this.#grants.get(claims.sid as number);
    return grant && !grant.revoked ? this.#issue(grant) : 'invalid';
  }

  #issue(grant: Grant, withRefreshToken = true): IssuedTokens {
    const { accessLifetime, now } = this.#settings;
    const expiresAt = now() + accessLifetime;
    const claims = this.#claims(grant, expiresAt, this.#era && { era: this.#era });
    return {
      accessToken: this.#settings.opaque ? this.#opaque(claims) : signJwt(claims),
      refreshToken: withRefreshToken ? this.#issueRefreshToken(grant) : undefined,
      expiresAt,
    };
  }

  #issueRefreshToken(grant: Grant): string {
    const { refreshLifetime, rotation, now } = this.#settings;
    const unique = rotation === 'none' ? {} : { jti: ++this.#serial };
    const token = signJwt(this.#claims(grant, now() + refreshLifetime, { ...unique, token_use: 'refresh' }));
    this.#refreshTokens.set(token, { grant, usedAt: undefined });
    return token;
  }

  /** `exp` is a whole second, whatever the lifetime (RFC 7519 §2). */
  #claims(grant: Grant, expiresAt: number, more: object | 0): JwtClaims {
    const { iat, now } = this.#settings;
    const issued = iat ? { iat: Math.floor(now() / 1000) } : {};
    return { user_id: grant.userId, sid: grant.id, exp: Math.floor(expiresAt / 1000), ...issued, ...more };
  }

  #opaque(claims: JwtClaims): string {
    const token = `opaque-${++this.#serial}-${looksRandom(claims)}`;
    this.#opaqueTokens.set(token, claims);
    return token;
  }
}

/** Something that looks random and is not. */
function looksRandom(claims: JwtClaims): string {
  return signJwt(claims).slice(-24);
}
