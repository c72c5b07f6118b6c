import { signOutBy, type TokenSet } from '../../src/index.js';
import { authorized, type Exchange } from '../../src/requests/authorized.js';
import { Requester } from '../../src/requests/requester.js';
import { coreOf, createSession, type Session, type SessionCore } from '../../src/session.js';
import type { Guarantees, Operation } from './laws.ts';
import type { Place } from './place.ts';
import type { Server, User } from './server.ts';
import { LOCAL, type World } from './world.ts';

export interface Surroundings {
  world: World;
  place: Place;
  server: Server;
  guarantees: Guarantees;
  /** Returns the tokens of the code before this SDK, if the program uses `existing`. */
  existing: TokenSet | undefined;
}

/** One tab of the browser with one real session, and the actions of its user. */
export class Tab {
  readonly session: Session;
  readonly operations: Operation[] = [];
  /** The tokens that it had before the session ended. */
  had: TokenSet | undefined;
  readonly #core: SessionCore;
  readonly #around: Surroundings;

  constructor(
    readonly id: number,
    around: Surroundings,
  ) {
    this.#around = around;
    const { place, server, guarantees, existing } = around;
    this.session = createSession({
      store: place.open(id),
      backend: {
        refresh: (tokens, { signal }) => server.refresh(id, tokens, signal),
        readTokens: (body) => body as TokenSet,
        signOut: signOutBy((tokens, { signal }) => server.blacklist(id, tokens, signal)),
      },
      refreshTimeout: 10_000,
      ...(existing && { existing: () => existing }),
    });
    this.#core = coreOf(this.session);
    this.had = this.tokens;
    this.session.subscribe((event) => {
      guarantees.heard(this, event);
      this.had = this.tokens ?? this.had;
    });
  }

  get tokens(): TokenSet | undefined {
    return this.#core.state.credentials?.tokens;
  }

  get user(): User | undefined {
    return this.#around.server.grantOf(this.tokens?.accessToken)?.user;
  }

  signIn(user: User): void {
    this.#around.guarantees.signingIn(this.tokens);
    const tokens = this.#around.server.logIn(user);
    this.#around.guarantees.delivered(this.id, tokens);
    this.#follow({ name: 'signIn', user }, () => this.session.signIn(tokens));
  }

  signOut(): void {
    this.#around.guarantees.signingOut(this.tokens);
    this.#follow({ name: 'signOut' }, () => this.session.signOut());
  }

  refresh(): void {
    this.#follow({ name: 'refresh' }, () => this.session.refresh());
  }

  /** Sends a request as a client of this package does. */
  request(): void {
    const { server, guarantees } = this.#around;
    const begun = this.user;
    const exchange: Exchange<number> = {
      send: (credentials) => {
        const accessToken = credentials?.tokens.accessToken;
        guarantees.sent(this.id, begun, server.grantOf(accessToken)?.user);
        return server.order(this.id, accessToken);
      },
      waitFor: (work) => work,
      view: (outcome) =>
        typeof outcome === 'number'
          ? { status: outcome, headers: new Headers(), body: () => undefined }
          : undefined,
      discard: () => {},
      replayable: () => true,
      goesTo: () => false,
      carries: () => false,
    };
    const requester = new Requester(this.#core);
    this.#follow({ name: 'request', user: begun }, async () => {
      await this.#interceptors();
      return authorized(this.#core, exchange, requester);
    });
  }

  /** The application's own interceptors, which may be slow. */
  #interceptors(): Promise<void> {
    const { world } = this.#around;
    const tab = this.id;
    const lane = `interceptors ${tab}`;
    return new Promise((resolve) => {
      world.enqueue({ tab, lane, label: 'its interceptors have run', within: LOCAL, run: resolve });
    });
  }

  #follow(what: Pick<Operation, 'name' | 'user'>, act: () => Promise<unknown>): void {
    const operation: Operation = { ...what, tab: this.id, outcome: undefined };
    this.operations.push(operation);
    this.#around.guarantees.began(operation);
    const settled = (outcome: unknown) => {
      operation.outcome = outcome;
      this.#around.guarantees.settled(operation);
    };
    act().then(
      (value) => settled(value ?? 'done'),
      (error) => settled(error.code ?? error),
    );
  }
}
