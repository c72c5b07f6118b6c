import { SessionError, type TokenSet } from '../../src/index.js';
import { Grants, type IssuedTokens } from '../../src/testing/grants.js';
import { envelope } from '../../src/testing/protocols/envelope.js';
import { readTestOptions } from '../../src/testing/settings.js';
import type { ServerControls } from './setting.ts';
import type { TokenGuarantees } from './token-laws.ts';
import type { Step, World } from './world.ts';

export type Rotation = 'strict' | 'grace' | 'none';

/** What happens to a refresh call. */
export type Fault =
  /** A network error before the request is sent. */
  | 'unsent'
  /** Status 503, before the server reads the token. */
  | '503'
  /** The server processes the request, but the response is lost; a network error. */
  | 'lost'
  /** The response comes late or never. */
  | 'hang'
  /** The server refuses a valid token. */
  | 'refuse';

/** What happens to the call that reports a sign-out. */
export type RevokeFault = 'unsent' | 'lost' | 'hang';

export const USERS = ['ann', 'bob'] as const;
export type User = (typeof USERS)[number];

/** In ms. A response that is not lost arrives within this time. */
const LATENCY = 3_000;

export interface RefreshCall {
  readonly tab: number;
  readonly refreshToken: string;
  /** `ambiguous`: that tab does not know whether the server has processed it. */
  end: 'under way' | 'answered' | 'refused' | 'failed' | 'ambiguous';
}

/** One sign-in on the server. */
export interface Grant {
  user: User;
}

/** The server and its network: each call arrives in one step, and its response in another. */
export class Server implements ServerControls {
  readonly calls: RefreshCall[] = [];
  readonly #world: World;
  readonly #guarantees: TokenGuarantees;
  readonly #grants: Grants;
  readonly #faults: Fault[] = [];
  readonly #owners = new Map<string, Grant>();
  readonly #revoked = new Set<string>();
  readonly #revokeFaults: RevokeFault[] = [];

  constructor(
    world: World,
    guarantees: TokenGuarantees,
    { rotation, opaque }: { rotation: Rotation; opaque: boolean },
  ) {
    this.#world = world;
    this.#guarantees = guarantees;
    const settings = {
      rotation,
      opaque,
      users: USERS.map((username) => ({ username, password: '', id: username })),
      accessLifetime: 60_000,
      refreshLifetime: 30 * 86_400_000,
      now: () => world.now,
    };
    this.#grants = new Grants(readTestOptions(settings, envelope.defaults));
  }

  get reuses(): number {
    return this.#grants.reuses;
  }

  failNextRevoke(fault: RevokeFault): void {
    this.#revokeFaults.push(fault);
  }

  /** A sign-out invalidates this token, but no other token of the session. */
  blacklist(tab: number, { refreshToken = '' }: TokenSet, signal: AbortSignal): Promise<void> {
    const fault = this.#revokeFaults.shift();
    this.#world.note(tab, `tells the server that it has signed out${fault ? ` (${fault})` : ''}`);
    return new Promise((resolve, reject) => {
      let answer: Step | undefined;
      signal.addEventListener('abort', () => {
        if (answer) this.#world.drop(answer);
        reject(signal.reason);
      });
      const fail = () => reject(new TypeError('Failed to fetch'));
      if (fault === 'unsent') return this.#travel(tab, 'its sign-out was not sent', fail);
      return this.#travel(undefined, `the sign-out of tab ${tab} arrives`, () => {
        this.#revoked.add(refreshToken);
        const within = fault === 'hang' ? Number.POSITIVE_INFINITY : LATENCY / 2;
        const end = fault === 'lost' ? fail : resolve;
        answer = this.#travel(
          tab,
          `its sign-out ${fault === 'lost' ? 'loses its answer' : 'is answered'}`,
          end,
          within,
        );
      });
    });
  }

  /** The refresh tokens of a session that have reached a tab and that the server would still accept. */
  aliveOf(grant: Grant, delivered: readonly TokenSet[]): string[] {
    const spent = this.calls.filter(({ end }) => end === 'answered').map(({ refreshToken }) => refreshToken);
    return delivered
      .map(({ refreshToken = '' }) => refreshToken)
      .filter((token) => this.#owners.get(token) === grant && !this.#revoked.has(token))
      .filter((token) => !spent.includes(token));
  }

  failNext(fault: Fault): void {
    this.#faults.push(fault);
  }

  forgive(): void {
    this.#faults.length = 0;
    this.#revokeFaults.length = 0;
  }

  expireAccessTokens(): void {
    this.#grants.expireAccessTokens();
  }

  revoke(): void {
    this.#grants.revoke();
  }

  /** The user of a token, access or refresh. */
  grantOf(token: string | undefined): Grant | undefined {
    return token === undefined ? undefined : this.#owners.get(token);
  }

  logIn(user: User): TokenSet {
    return this.#print(this.#grants.logIn(user, '')!, { user });
  }

  /** A request with an access token, or without one. */
  order(tab: number, accessToken: string | undefined): Promise<number> {
    return new Promise((resolve) => {
      this.#travel(undefined, `a request of tab ${tab} arrives`, () => {
        const grant = accessToken === undefined ? 'invalid' : this.#grants.authenticate(accessToken);
        const status = typeof grant === 'string' ? 401 : 200;
        this.#travel(tab, `is answered ${status}`, () => resolve(status));
      });
    });
  }

  refresh(tab: number, tokens: TokenSet, signal: AbortSignal): Promise<TokenSet> {
    const { refreshToken = '' } = tokens;
    const call: RefreshCall = { tab, refreshToken, end: 'under way' };
    this.#guarantees.asked(call);
    this.calls.push(call);
    const fault = this.#faults.shift();
    this.#world.note(tab, `asks for new tokens${fault ? ` (${fault})` : ''}`);
    return new Promise((resolve, reject) => {
      let answer: Step | undefined;
      signal.addEventListener('abort', () => {
        if (call.end === 'under way') call.end = 'ambiguous';
        if (answer) this.#world.drop(answer);
        reject(signal.reason);
      });
      const end = (how: RefreshCall['end'], label: string, settle: () => void, within?: number) => {
        if (call.end !== 'under way') return;
        const run = () => {
          call.end = how;
          settle();
        };
        answer = this.#travel(tab, label, run, within);
      };
      const networkError = () => reject(new TypeError('Failed to fetch'));
      if (fault === 'unsent') return end('failed', 'its refresh call was not sent', networkError);
      this.#travel(undefined, `the refresh call of tab ${tab} arrives`, () => {
        if (fault === '503') return end('failed', 'is answered 503', () => reject(unavailable()));
        const isRefused = fault === 'refuse' || this.#revoked.has(refreshToken);
        const outcome = isRefused ? 'invalid' : this.#grants.refresh(refreshToken);
        if (fault === 'lost') return end('ambiguous', 'its answer is lost', networkError);
        const within = fault === 'hang' ? Number.POSITIVE_INFINITY : LATENCY;
        if (typeof outcome === 'string')
          return end('refused', 'its refresh token is refused', () => reject(rejected()), within);
        const minted = this.#print(outcome, this.grantOf(refreshToken)!);
        const deliver = () => {
          this.#guarantees.delivered(tab, minted);
          resolve(minted);
        };
        end('answered', 'has new tokens', deliver, within);
      });
    });
  }

  /** Nobody will get the results of this tab's calls, or use its last response. */
  abandon(tab: number): void {
    const calls = this.calls.filter((call) => call.tab === tab);
    for (const call of calls) if (call.end === 'under way') call.end = 'ambiguous';
    const last = calls.at(-1);
    if (last?.end === 'answered') last.end = 'ambiguous';
  }

  #print({ accessToken, refreshToken, expiresAt }: IssuedTokens, grant: Grant): TokenSet {
    this.#owners.set(accessToken, grant);
    if (refreshToken) this.#owners.set(refreshToken, grant);
    return { accessToken, ...(refreshToken && { refreshToken }), expiresAt };
  }

  #travel(tab: number | undefined, label: string, run: () => void, within = LATENCY / 2): Step {
    return this.#world.enqueue({ tab, lane: `network ${this.#travels++}`, label, within, run });
  }

  #travels = 0;
}

function unavailable(): SessionError {
  return new SessionError('refresh_unavailable', 'status 503');
}

function rejected(): SessionError {
  return new SessionError('refresh_rejected', 'The refresh token was refused');
}
