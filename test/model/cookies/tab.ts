import { cookieBackend, logout } from '../../../src/index.js';
import type { Credentials } from '../../../src/tokens/credentials.js';
import type { CookieProgram } from '../moves.ts';
import { USERS, type User } from '../server.ts';
import { Tab } from '../tab.ts';
import type { World } from '../world.ts';
import type { CookieGuarantees } from './laws.ts';

export const ORIGIN = 'https://app.example';

export interface CookieSurroundings {
  readonly world: World;
  readonly guarantees: CookieGuarantees;
  readonly program: CookieProgram;
}

const USER_FROM = {
  field: { field: 'user' },
  cookie: { cookie: 'user' },
  url: { url: `${ORIGIN}/me` },
};

/** A tab whose page sees no token: it calls the global `fetch`, and the browser adds the cookies. */
export class CookieTab extends Tab {
  readonly #program: CookieProgram;
  readonly #guarantees: CookieGuarantees;

  constructor(id: number, around: CookieSurroundings) {
    const { user, csrf } = around.program;
    const backend = cookieBackend({
      url: `${ORIGIN}/refresh`,
      accessToken: 'cookie',
      user: USER_FROM[user],
      ...(csrf && { csrf: { cookie: 'csrf', header: 'X-CSRF' } }),
      signOut: logout(`${ORIGIN}/logout`),
    });
    super(id, around, { backend });
    this.#program = around.program;
    this.#guarantees = around.guarantees;
  }

  override signIn(user: User): void {
    this.follow({ name: 'signIn', user }, async () => {
      if (this.#program.tidy) {
        this.#guarantees.ended = true;
        await this.session.signOut();
      }
      const login = { tab: this.id };
      this.#guarantees.loggingIn.add(login);
      const answer = await fetch(`${ORIGIN}/login?user=${user}`, { method: 'POST' });
      const body = await answer.json();
      await this.session.signIn(this.#program.user === 'url' ? { id: user } : body);
      this.#guarantees.loggingIn.delete(login);
    });
  }

  override signOut(): void {
    const isSignedOut = this.session.status === 'signed-out';
    super.signOut();
    if (isSignedOut) this.#guarantees.unaware();
  }

  protected override userOf(credentials: Credentials | null | undefined): User | undefined {
    return USERS.find((user) => user === credentials?.claims?.sub);
  }

  protected override async send(): Promise<number> {
    const { status } = await fetch(`${ORIGIN}/orders`);
    return status;
  }
}
