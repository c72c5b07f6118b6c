import { LOCAL, type Step, type World } from '../world.ts';
import type { CookieJar } from './jar.ts';
import type { CookieGuarantees } from './laws.ts';
import type { CookieAnswer, CookieRefreshCall, CookieServer } from './server.ts';

/**
 * In ms. A response that is not lost arrives within this time. Pages that open refresh one after the other, so all of
 * them must be quick.
 */
const LATENCY = 600;

interface Call {
  readonly tab: number;
  readonly name: string;
  readonly path: string;
  readonly url: URL;
  readonly csrf: string | undefined;
  readonly keepalive: boolean;
  readonly fault: string | undefined;
  /** A page called it during a login. */
  readonly duringLogin: boolean;
  readonly resolve: (response: Response) => void;
  readonly reject: (reason: unknown) => void;
  /** The next action of the browser or the page. */
  next?: Step;
  hasLeft: boolean;
  refresh?: CookieRefreshCall;
  /** The response no longer matters to the page or the cookies. */
  cancelled: boolean;
}

/**
 * The browser's side of `fetch`. A request carries the cookies at the time when it leaves, and its response changes
 * them when it reaches the browser: before the page gets it, and even if the page is gone.
 */
export class FakeNetwork {
  readonly #world: World;
  readonly #jar: CookieJar;
  readonly #server: CookieServer;
  readonly #guarantees: CookieGuarantees;
  /** The user whose cookies the browser has. */
  #newestLogin: Call | undefined;
  readonly #calls = new Set<Call>();
  #serial = 0;

  constructor(world: World, jar: CookieJar, server: CookieServer, guarantees: CookieGuarantees) {
    this.#world = world;
    this.#jar = jar;
    this.#server = server;
    this.#guarantees = guarantees;
  }

  readonly fetch = (address: string, init: RequestInit = {}): Promise<Response> => {
    const tab = this.#world.current!;
    const url = new URL(address);
    const path = url.pathname;
    const { signal, keepalive = false, headers } = init;
    this.#guarantees.calls(tab, path);
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const call: Call = {
        ...{ tab, path, url, keepalive, resolve, reject, hasLeft: false, cancelled: false },
        name: `${path.slice(1)} ${++this.#serial}`,
        csrf: (headers as Record<string, string> | undefined)?.['X-CSRF'],
        fault: this.#server.faultOf(path),
        duringLogin: this.#guarantees.loggingIn.size > 0,
      };
      this.#world.note(tab, `calls ${call.name}${call.fault ? ` (${call.fault})` : ''}`);
      this.#calls.add(call);
      signal?.addEventListener('abort', () => {
        reject(signal.reason);
        this.#cancelSoon(call);
      });
      if (call.fault === 'unsent') this.#hear(call, 'is not sent', () => reject(NETWORK_ERROR()));
      else this.#browserDoes(call, 'leaves', LOCAL, () => this.#leave(call));
    });
  };

  /** A tab is gone. Only requests with `keepalive` continue, unless the browser gets the response before it notices. */
  close(tab: number): void {
    for (const call of this.#calls) if (call.tab === tab && !call.keepalive) this.#cancelSoon(call);
  }

  #leave(call: Call): void {
    const cookies = this.#jar.take();
    const others = [...this.#calls].filter((other) => other !== call && other.hasLeft);
    this.#guarantees.leaves(
      call,
      others.map(({ path }) => path),
    );
    call.hasLeft = true;
    if (call.path === '/refresh') {
      call.refresh = { tab: call.tab, refreshToken: cookies.get('refresh') ?? '', end: 'under way' };
      this.#guarantees.asked(call.refresh);
      this.#server.calls.push(call.refresh);
    }
    const { path, url, csrf } = call;
    const request = { path, query: url.searchParams, cookies, csrf };
    const within = LATENCY / 2;
    const run = () =>
      this.#arrive(call, call.fault === '503' ? { status: 503 } : this.#server.handle(request));
    // A request that has left arrives, whatever happens to the page.
    this.#world.enqueue({ tab: undefined, lane: call.name, label: `${call.name} arrives`, within, run });
  }

  #arrive(call: Call, handled: CookieAnswer): void {
    const { refresh, fault, reject } = call;
    this.#passAMoment();
    if (call.cancelled) return;
    const answer = fault === 'refuse' ? { status: 401 } : handled;
    if (fault === 'lost') {
      if (refresh) refresh.end = 'ambiguous';
      this.#hear(call, 'loses its answer', () => reject(NETWORK_ERROR()));
      return;
    }
    const within = fault === 'hang' ? Number.POSITIVE_INFINITY : LATENCY;
    this.#browserDoes(call, `is answered ${answer.status}`, within, () => this.#reach(call, answer));
  }

  /** The response reaches the browser. */
  #reach(call: Call, { status, body, cookies }: CookieAnswer): void {
    if (cookies) this.#jar.change(cookies);
    this.#passAMoment();
    if (call.path === '/login') this.#newestLogin = call;
    if (call.refresh) call.refresh.end = status === 200 ? 'answered' : status === 401 ? 'refused' : 'failed';
    if (call.path === '/logout' && status === 401) this.#guarantees.refusedLogout(call.tab);
    const text = async () => (body === undefined ? '' : JSON.stringify(body));
    const response = { status, headers: new Headers(), text, json: async () => body };
    this.#hear(call, `hears ${status} of ${call.name}`, () => {
      if (call.path === '/login' && call !== this.#newestLogin) this.#guarantees.overtaken();
      call.resolve(response as unknown as Response);
    });
  }

  /**
   * The shortest time in which the server answers, and in which the page hears the answer. By these milliseconds, a tab can
   * tell which of two cookies its request carried.
   */
  #passAMoment(): void {
    this.#world.tick();
  }

  #hear(call: Call, label: string, run: () => void): void {
    const { tab } = call;
    this.#calls.delete(call);
    this.#world.enqueue({ tab, lane: `answer ${call.name}`, label, within: LOCAL, run });
  }

  #browserDoes(call: Call, what: string, within: number, run: () => void): void {
    const { name } = call;
    call.next = this.#world.enqueue({ tab: undefined, lane: name, label: `${name} ${what}`, within, run });
  }

  /** Shortly afterwards, because the browser learns it by a message. */
  #cancelSoon(call: Call): void {
    if (!this.#calls.has(call)) return;
    const { name } = call;
    const run = () => this.#cancel(call);
    this.#world.enqueue({
      ...{ tab: undefined, lane: `cancel ${name}`, label: `the browser cancels ${name}`, within: LOCAL },
      run,
    });
  }

  #cancel(call: Call): void {
    if (!this.#calls.delete(call)) return;
    call.cancelled = true;
    if (call.refresh?.end === 'under way') call.refresh.end = 'ambiguous';
    if (call.next) this.#world.drop(call.next);
  }
}

const NETWORK_ERROR = () => new TypeError('Failed to fetch');
