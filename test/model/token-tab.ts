import { signOutBy, type TokenSet } from '../../src/index.js';
import type { Credentials } from '../../src/tokens/credentials.js';
import type { Place } from './place.ts';
import type { Server, User } from './server.ts';
import { type Surroundings, Tab } from './tab.ts';
import type { TokenGuarantees } from './token-laws.ts';

export interface TokenSurroundings extends Surroundings {
  readonly place: Place;
  readonly server: Server;
  readonly guarantees: TokenGuarantees;
  /** Returns the tokens of the code before this SDK, if the program uses `existing`. */
  readonly existing: TokenSet | undefined;
}

/** A tab whose page holds the tokens. */
export class TokenTab extends Tab {
  readonly #server: Server;
  readonly #guarantees: TokenGuarantees;

  constructor(id: number, around: TokenSurroundings) {
    const { place, server, existing } = around;
    const backend = {
      refresh: (tokens: TokenSet, { signal }: { signal: AbortSignal }) => server.refresh(id, tokens, signal),
      readTokens: (body: unknown) => body as TokenSet,
      signOut: signOutBy((tokens, { signal }) => server.blacklist(id, tokens, signal)),
    };
    super(id, around, {
      ...{ store: place.open(id), backend, refreshTimeout: 10_000 },
      ...(existing && { existing: () => existing }),
    });
    this.#server = server;
    this.#guarantees = around.guarantees;
  }

  override signIn(user: User): void {
    this.#guarantees.signingIn(this.tokens);
    const tokens = this.#server.logIn(user);
    this.#guarantees.delivered(this.id, tokens);
    this.follow({ name: 'signIn', user }, () => this.session.signIn(tokens));
  }

  override signOut(): void {
    this.#guarantees.signingOut(this.id, this.tokens);
    super.signOut();
  }

  protected override userOf(credentials: Credentials | null | undefined): User | undefined {
    return this.#server.grantOf(credentials?.tokens.accessToken)?.user;
  }

  protected override send(credentials: Credentials | null): Promise<number> {
    return this.#server.order(this.id, credentials?.tokens.accessToken);
  }
}
