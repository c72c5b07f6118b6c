import type { Coordination } from '../coordination/coordination.js';
import type { SignOut } from '../sign-out/sign-out.js';
import type { Claims } from '../tokens/claims.js';
import type { Carried } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';

/**
 * How a request carries the access token: in a header, after a scheme (`''`: no scheme); in the query, for a backend that
 * reads it nowhere else; or as a function returns.
 * @default { header: 'Authorization', scheme: 'Bearer' }
 */
export type Carry =
  | { header?: string; scheme?: string }
  | { query: string }
  | ((accessToken: string) => Carried);

/** The response to a request that carried an access token, in the form that `refuses` and `stepUp` get. */
export interface AnswerView {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /**
   * The body, parsed as JSON; the text if it is not JSON. With axios, a `Blob` or a stream is read only if the backend has
   * `readBody`; without it, a stream is `undefined`.
   */
  body(): unknown;
}

/** What the server asks the user to prove. */
export interface StepUpChallenge {
  /** `'insufficient_user_authentication'` (RFC 9470), or the code in the body. */
  readonly code: string;
  /** How the user may sign in (`acr_values`), in order of preference. Empty if the server does not say. */
  readonly acrValues: readonly string[];
  /** The longest time since the sign-in that the server accepts, in seconds (`max_age`). */
  readonly maxAge?: number;
  /** Everything that the server sent: the parameters of `WWW-Authenticate`, or the body. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The protocol of one backend: how the session refreshes, reads responses and signs out. */
export interface Backend {
  /**
   * Requests new tokens.
   * @throws {SessionError} `refresh_rejected` if the user must sign in again. Any other error counts as temporary;
   * `refresh_unavailable` may say how long to wait (`retryAfter`, ms).
   */
  refresh(tokens: TokenSet, context: { signal: AbortSignal }): Promise<TokenSet>;
  /**
   * Reads the tokens from the response body of a login or a refresh. `signIn` calls it.
   * @throws {SessionError} `invalid_token_response`; the message names what is missing.
   */
  readTokens(body: unknown): TokenSet;
  /**
   * Set if the refresh token is in a cookie: the tabs that share the cookie are one session, and a page that opens
   * refreshes once to find out whether a user is signed in.
   */
  coordination?: Coordination;
  /** How requests carry the access token. @default { header: 'Authorization', scheme: 'Bearer' } */
  carry?: Carry;
  /**
   * Whether the server refused the access token.
   * @default status 401, unless its `WWW-Authenticate` says `insufficient_scope` or `insufficient_user_authentication`: a
   * new token would get the same response
   */
  refuses?(answer: AnswerView): boolean;
  /**
   * The function `readBody` of this package, for a backend of your own whose `refuses` or `stepUp` looks into the body of responses that
   * axios delivers as a `Blob` or a stream. The backends of this package have it.
   */
  readBody?(response: { data: unknown }, answer: AnswerView): Promise<string | undefined>;
  /**
   * The URL of the refresh endpoint. Set it, because it protects you twice:
   * - Stored tokens are used only if they were stored with the same URL. Two applications on one origin may have given
   *   their stores the same key. If they also refresh at the same URL, tell them apart with a fragment, as `oauth2Backend`
   *   does with its client.
   * - If `refresh` sends its request through a client that the session is attached to, this request does not wait for
   *   itself. Without the URL, a request that contains the refresh token is first sent without an access token while a
   *   refresh is in progress.
   */
  readonly refreshUrl?: string;
  /**
   * Returns the step-up that a response requires, if its body says so; such a response does not refuse the access token. The
   * user is asked only with `withStepUp`. An RFC 9470 challenge needs no such function.
   * @default undefined
   */
  stepUp?(answer: AnswerView): StepUpChallenge | undefined;
  /**
   * How to tell the server that the user signed out. The backends of this package take it as an option: `logout(url)`,
   * `revocation(url)`. For your own backend: `signOutBy(function)`.
   * @default the server is not told
   */
  signOut?: SignOut;
  /**
   * Returns the claims of the user, if the access token does not contain them. They become `session.claims`.
   * @default the claims of a JWT
   */
  claims?(tokens: TokenSet): Claims | null;
  /** Returns what `getAccessToken()` resolves with; it may throw. @default tokens.accessToken */
  giveAccessToken?(tokens: TokenSet): string;
}

/** The headers or the query that carry an access token. Computed once for each access token. */
export function carriedBy(carry: Carry | undefined, accessToken: string): Carried {
  if (typeof carry === 'function') return carry(accessToken);
  if (carry && 'query' in carry) return { query: { [carry.query]: accessToken } };
  const { header = 'Authorization', scheme = 'Bearer' } = carry ?? {};
  return { headers: { [header]: scheme ? `${scheme} ${accessToken}` : accessToken } };
}
