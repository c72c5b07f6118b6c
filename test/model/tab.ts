import type { SessionOptions, TokenSet } from '../../src/index.js';
import { authorized, type Exchange } from '../../src/requests/authorized.js';
import { Requester } from '../../src/requests/requester.js';
import { coreOf, createSession, type Session, type SessionCore } from '../../src/session.js';
import type { Credentials } from '../../src/tokens/credentials.js';
import type { Guarantees } from './laws.ts';
import type { Operation } from './operations.ts';
import type { User } from './server.ts';
import { LOCAL, type World } from './world.ts';

/** The parts of every tab. */
export interface Surroundings {
  readonly world: World;
  readonly guarantees: Guarantees;
}

/** One tab of the browser with one real session, and the actions of its user. */
export abstract class Tab {
  readonly session: Session;
  readonly operations: Operation[] = [];
  /** The tokens before the session ended. */
  had: TokenSet | undefined;
  protected readonly core: SessionCore;
  readonly #around: Surroundings;

  constructor(
    readonly id: number,
    around: Surroundings,
    options: SessionOptions,
  ) {
    this.#around = around;
    this.session = createSession(options);
    this.core = coreOf(this.session);
    this.had = this.tokens;
    this.session.subscribe((event) => {
      around.guarantees.heard(this, event);
      this.had = this.tokens ?? this.had;
    });
  }

  /** The user, as far as this tab knows. */
  get user(): User | undefined {
    return this.userOf(this.core.state.credentials);
  }

  get tokens(): TokenSet | undefined {
    return this.core.state.credentials?.tokens;
  }

  /** Sends the login form. */
  abstract signIn(user: User): void;
  protected abstract userOf(credentials: Credentials | null | undefined): User | undefined;
  /** Sends a request, and resolves with the status of the response. */
  protected abstract send(credentials: Credentials | null): Promise<number>;

  signOut(): void {
    this.follow({ name: 'signOut' }, () => this.session.signOut());
  }

  refresh(): void {
    this.follow({ name: 'refresh' }, () => this.session.refresh());
  }

  /** Sends a request as a client of this package does. */
  request(): void {
    const begun = this.user;
    const exchange: Exchange<number> = {
      send: (credentials) => {
        this.#around.guarantees.sent(this.id, begun, this.userOf(credentials));
        return this.send(credentials);
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
    const requester = new Requester(this.core);
    this.follow({ name: 'request', user: begun }, async () => {
      await this.#interceptors();
      return authorized(this.core, exchange, requester);
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

  protected follow(what: Pick<Operation, 'name' | 'user'>, act: () => Promise<unknown>): void {
    const begun = this.#around.world.now;
    const operation: Operation = { ...what, tab: this.id, begun, outcome: undefined };
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
