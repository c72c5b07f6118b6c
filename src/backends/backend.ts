import type { Coordination } from '../coordination/coordination.js';
import type { SignOut } from '../sign-out/sign-out.js';
import type { Claims } from '../tokens/claims.js';
import type { Carried } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * How the access token is laid onto a request: in a header, after a scheme (`''` for none); in the query, where the
 * backend can read it nowhere else; or as a function says.
 * @default { header: 'Authorization', scheme: 'Bearer' }
 */
export type Carry =
  | { header?: string; scheme?: string }
  | { query: string }
  | ((accessToken: string) => Carried);

/** An answer to a request that carried an access token, as `refuses` sees it. */
export interface AnswerView {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The body, read as JSON; the text where it is none, `undefined` where it cannot be read without spending it. */
  body(): unknown;
}

/** How one backend speaks. */
export interface Backend {
  /**
   * Asks for new tokens.
   * @throws {SessionError} `refresh_rejected` if the user must sign in again. Whatever else it throws is taken for a
   * passing fault; `refresh_unavailable` may say how long to wait (`retryAfter`, ms).
   */
  refresh(tokens: TokenSet, context: { signal: AbortSignal }): Promise<TokenSet>;
  /**
   * Reads what login and refresh answer.
   * @throws {SessionError} `invalid_token_response`, naming what is missing.
   */
  readTokens(body: unknown): TokenSet;
  /**
   * Set where the refresh token travels in a cookie: tabs that share the cookie share this name, take turns, and a page that
   * is opened refreshes once to see whether somebody is signed in.
   */
  coordination?: Coordination;
  /** @default { header: 'Authorization', scheme: 'Bearer' } */
  carry?: Carry;
  /** Whether the server refused the access token. @default status 401 */
  refuses?(answer: AnswerView): boolean;
  /**
   * How the server is told that the user signed out. The backends of this package take it as an option: `logout(url)`,
   * `revocation(url)`. For one of your own: `signOutBy(function)`. @default the server is not told
   */
  signOut?: SignOut;
  /** Who is signed in, if the access token does not say so. It becomes `session.claims`. @default the claims of a JWT */
  claims?(tokens: TokenSet): Claims | null;
  /** What `getAccessToken()` resolves with; it may throw. @default tokens.accessToken */
  giveAccessToken?(tokens: TokenSet): string;
}

/** What a request has to carry, worked out once for each access token. */
export function carriedBy(carry: Carry | undefined, accessToken: string): Carried {
  if (typeof carry === 'function') return carry(accessToken);
  if (carry && 'query' in carry) return { query: { [carry.query]: accessToken } };
  const { header = 'Authorization', scheme = 'Bearer' } = carry ?? {};
  return { headers: { [header]: scheme ? `${scheme} ${accessToken}` : accessToken } };
}
