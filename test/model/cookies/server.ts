import { Grants, type IssuedTokens } from '../../../src/testing/grants.js';
import { cookie } from '../../../src/testing/protocols/cookie.js';
import { readTestOptions } from '../../../src/testing/settings.js';
import type { CookieProgram } from '../moves.ts';
import { type Fault, type RefreshCall, type RevokeFault, USERS, type User } from '../server.ts';
import type { ServerControls } from '../setting.ts';
import type { World } from '../world.ts';
import type { CookieChanges } from './jar.ts';

/** A request, as it reaches the server. */
export interface CookieRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly cookies: ReadonlyMap<string, string>;
  /** The header that must repeat the CSRF cookie. */
  readonly csrf: string | undefined;
}

export interface CookieAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly cookies?: CookieChanges;
}

/** `refresh`: the cookie of a refresh call. */
export type CookieRefreshCall = RefreshCall & { readonly tab: number };

/** One sign-in on the server. */
interface ServerSession {
  readonly user: User;
  readonly csrf: string;
  isOver: boolean;
}

/** In ms. */
const LIFETIME = 60_000;

const NO_COOKIES: CookieChanges = { refresh: null, access: null, csrf: null, user: null };

/** A server that keeps both tokens in HttpOnly cookies. */
export class CookieServer implements ServerControls {
  readonly calls: CookieRefreshCall[] = [];
  readonly #grants: Grants;
  readonly #program: CookieProgram;
  readonly #faults: Fault[] = [];
  readonly #revokeFaults: RevokeFault[] = [];
  /** The sessions by refresh token. */
  readonly #sessions = new Map<string, ServerSession>();
  #serial = 0;

  constructor(world: World, program: CookieProgram) {
    this.#program = program;
    const settings = {
      rotation: program.rotation,
      users: USERS.map((username) => ({ username, password: '', id: username })),
      accessLifetime: LIFETIME,
      refreshLifetime: 30 * 86_400_000,
      now: () => world.now,
    };
    this.#grants = new Grants(readTestOptions(settings, cookie.defaults));
  }

  get reuses(): number {
    return this.#grants.reuses;
  }

  failNext(fault: Fault): void {
    this.#faults.push(fault);
  }

  failNextRevoke(fault: RevokeFault): void {
    this.#revokeFaults.push(fault);
  }

  forgive(): void {
    this.#faults.length = 0;
    this.#revokeFaults.length = 0;
  }

  /** The fault of the next request to a path. */
  faultOf(path: string): Fault | RevokeFault | undefined {
    if (path === '/refresh') return this.#faults.shift();
    return path === '/logout' ? this.#revokeFaults.shift() : undefined;
  }

  expireAccessTokens(): void {
    this.#grants.expireAccessTokens();
  }

  revoke(): void {
    this.#grants.revoke();
    for (const session of this.#sessions.values()) session.isOver = true;
  }

  abandon(tab: number): void {
    for (const call of this.calls) if (call.tab === tab && call.end === 'under way') call.end = 'ambiguous';
  }

  /** The user to whose session the cookies belong, if they can still refresh it. */
  ownerOf(cookies: ReadonlyMap<string, string>): User | undefined {
    const session = this.#sessions.get(cookies.get('refresh') ?? '');
    return session?.isOver ? undefined : session?.user;
  }

  logIn(user: User): CookieAnswer {
    const session = { user, csrf: `${user}-${++this.#serial}`, isOver: false };
    return this.#signedIn(this.#grants.logIn(user, '')!, session);
  }

  handle(request: CookieRequest): CookieAnswer {
    const { path, query, cookies } = request;
    if (path === '/login') return this.logIn(query.get('user') as User);
    const user = this.#userOf(cookies);
    if (path === '/orders') return { status: user ? 200 : 401 };
    if (path === '/me') return user ? { status: 200, body: { id: user } } : { status: 401 };
    if (this.#program.csrf && request.csrf !== cookies.get('csrf')) return { status: 403 };
    const token = cookies.get('refresh') ?? '';
    return path === '/logout' ? this.#logOut(token) : this.#refresh(token);
  }

  /** Whether a request with these cookies has a valid access token. */
  accepts(cookies: ReadonlyMap<string, string>): boolean {
    return this.#userOf(cookies) !== undefined;
  }

  #userOf(cookies: ReadonlyMap<string, string>) {
    const grant = this.#grants.authenticate(cookies.get('access') ?? '');
    return typeof grant === 'string' ? undefined : grant.userId;
  }

  #logOut(token: string): CookieAnswer {
    const session = this.#sessions.get(token);
    if (session) session.isOver = true;
    return { status: this.#grants.end(token) ? 204 : 401, cookies: NO_COOKIES };
  }

  #refresh(token: string): CookieAnswer {
    const session = this.#sessions.get(token);
    const outcome = this.#grants.refresh(token);
    if (typeof outcome !== 'string') return this.#signedIn(outcome, session!);
    // A reused token ends its session.
    if (session) session.isOver = true;
    return { status: 401 };
  }

  #signedIn({ accessToken, refreshToken, userId }: IssuedTokens, session: ServerSession): CookieAnswer {
    const { user, tells } = this.#program;
    const { csrf } = session;
    if (refreshToken) this.#sessions.set(refreshToken, session);
    return {
      status: 200,
      body: {
        ...(user === 'field' && { user: { id: userId } }),
        ...(tells && { expires_in: LIFETIME / 1000 }),
      },
      cookies: {
        ...{ access: accessToken, csrf },
        ...(refreshToken && { refresh: refreshToken }),
        ...(user === 'cookie' && { user: String(userId) }),
      },
    };
  }
}
