import type { SessionError } from '../errors.js';
import type { Credentials } from '../tokens/credentials.js';
import type { TokenSet } from '../tokens/token-set.js';

/** How the server is told about a sign-out. A backend provides it. Without one, the bundle contains none of this code. */
export interface SignOut {
  /** Connects it to a session. `createSession` calls it. */
  join(session: SigningOut): ServerSession;
}

/** The session at the server, as far as refreshes and sign-outs concern it. */
export interface ServerSession extends Refreshing {
  /** Finishes a sign-out that the previous page began. */
  begin(): void;
  /** Signs out here and in all tabs at once, then tells the server. Does not reject if the server cannot be told. */
  signOut(): Promise<void>;
}

/** Asks for new tokens. */
export interface Refreshing {
  refresh(tokens: TokenSet, context: { signal: AbortSignal }): Promise<TokenSet>;
}

/** The parts of a session that a `SignOut` uses. */
export interface SigningOut {
  readonly state: {
    readonly credentials: Credentials | null | undefined;
    readonly disposed: boolean;
    signOut(): Promise<void>;
    adopt(tokens: null): void;
    emit(event: { type: 'revoke-failed'; error: SessionError }): void;
    subscribe(listener: (event: { type: string; reason?: string | undefined }) => void): () => void;
  };
  readonly settings: {
    readonly refreshTimeout: number;
    readonly backend: Refreshing & { readonly coordination?: { readonly name: string } };
    readonly store: { readonly coordination?: { readonly keepsRefreshToken?: boolean } | undefined };
  };
  /** Aborts when the session is disposed. */
  readonly disposal: AbortSignal;
}
