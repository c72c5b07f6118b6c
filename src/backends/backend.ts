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
  /**
   * The body, read as JSON; the text where it is none. A `Blob` or a stream of axios is read only if the backend has `readBody`; a stream
   * is `undefined` without.
   */
  body(): unknown;
}

/** What the server asks the user to prove. */
export interface StepUpChallenge {
  /** `'insufficient_user_authentication'` (RFC 9470), or the code in the body. */
  readonly code: string;
  /** How the user may sign in, the best way first (`acr_values`). Empty if the server does not say. */
  readonly acrValues: readonly string[];
  /** Seconds that may have passed since the user signed in (`max_age`). */
  readonly maxAge?: number;
  /** All that the server said: the parameters of its `WWW-Authenticate`, or the body. */
  readonly parameters: Readonly<Record<string, unknown>>;
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
   * Set if the refresh token is in a cookie: the tabs that share the cookie are one session, and a page that opens refreshes once
   * to find out whether somebody is signed in.
   */
  coordination?: Coordination;
  /** How requests carry the access token. @default { header: 'Authorization', scheme: 'Bearer' } */
  carry?: Carry;
  /**
   * Whether the server refused the access token.
   * @default status 401, unless its `WWW-Authenticate` says `insufficient_scope` or `insufficient_user_authentication`: a new token
   * would get the same answer
   */
  refuses?(answer: AnswerView): boolean;
  /**
   * The function `readBody` of this package, for a backend of your own whose `refuses` or `stepUp` looks into the body of responses that
   * axios delivers as a `Blob` or a stream. The backends of this package have it.
   */
  readBody?(response: { data: unknown }, answer: AnswerView): Promise<string | undefined>;
  /**
   * Where the backend refreshes. Set it, because it protects you twice:
   * - Stored tokens are used only if they were stored with the same address. Two applications on one origin may have given their
   *   stores the same key. If they also share the address, tell them apart with a fragment, as `oauth2Backend` does with its client.
   * - If `refresh` sends its request through a client that the session is attached to, this request does not wait for itself. Without
   *   the address, a request that contains the refresh token is first sent without an access token while a refresh is under way.
   */
  readonly refreshUrl?: string;
  /**
   * What the server asks the user to prove, if it says so in the body. Only with `withStepUp`.
   * @default undefined. A challenge by RFC 9470 is understood in any case
   */
  stepUp?(answer: AnswerView): StepUpChallenge | undefined;
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
