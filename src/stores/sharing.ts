import { SessionError } from '../errors.js';
import type { TokenSet } from '../tokens/token-set.js';

/** What sharing needs of the session of its tab: who is signed in, and the channel to the other tabs. */
interface Sharer {
  readonly credentials: Held | null | undefined;
  readonly tabs?: { post(message: Message): boolean };
  /** What tabs that share leave where all can see it: that somebody has signed in. */
  read(): Promise<{ sessionId?: string | undefined } | undefined>;
}

interface Held {
  readonly tokens: TokenSet;
  readonly usable: boolean;
}

/** Between tabs that keep nothing where all can see it: they ask each other. */
export interface Sharing {
  /**
   * The successor of `spent`, or what whoever is signed in goes on with; `null` where nobody is. `undefined`: this tab can
   * refresh by itself.
   * @throws {SessionError} `refresh_rejected` where nobody answers for a session that another tab can refresh alone;
   * `refresh_unavailable` where that tab could not.
   */
  succeed(spent: TokenSet | undefined, signal: AbortSignal): Promise<TokenSet | null> | undefined;
  /** What another tab has, if it has a later generation. */
  later(than: TokenSet | undefined, signal: AbortSignal): Promise<TokenSet | undefined>;
  hear(message: object): void;
}

type Message =
  | { type: 'asked'; by: string; than: number }
  | { type: 'promised'; to: string }
  | { type: 'failed'; to: string }
  | { type: 'answered'; to: string; tokens: TokenSet };

/** ms that a tab waits for another to promise an answer. */
const ANSWER_TIME = 300;

/** `lockName` is set where each tab can refresh by itself, as the refresh token is in a cookie. */
export function share(
  state: Sharer,
  refresher: { refresh(): Promise<Held> },
  { refreshTimeout, backend: { lockName } }: { refreshTimeout: number; backend: { lockName?: string } },
): Sharing {
  const me = Math.random().toString(36);
  let asking: { promised(): void; failed(): void; answered(tokens: TokenSet): void } | undefined;

  /** `patience`: ms for another tab to promise an access token of a later generation. */
  function ask(
    than: TokenSet | undefined,
    patience: number,
    signal: AbortSignal,
  ): Promise<TokenSet | undefined> {
    return new Promise((resolve, reject) => {
      const answered = (tokens?: TokenSet) => {
        clearTimeout(timer);
        resolve(tokens);
      };
      const failed = () => give(new SessionError('refresh_unavailable', 'The tab that refreshes could not'));
      const give = (reason: unknown) => {
        clearTimeout(timer);
        reject(reason);
      };
      let timer = setTimeout(answered, patience);
      const promised = () => {
        clearTimeout(timer);
        timer = setTimeout(failed, refreshTimeout);
      };
      signal.addEventListener('abort', () => give(signal.reason));
      asking = { promised, failed, answered };
      const isHeard = state.tabs?.post({ type: 'asked', by: me, than: than?.generation ?? 0 });
      if (!isHeard) answered();
    });
  }

  /** The access token for another tab, refreshed first if this tab alone can do that. */
  function offer(than: number): Promise<TokenSet> | undefined {
    const mine = state.credentials;
    if (!mine) return undefined;
    if ((mine.tokens.generation ?? 0) > than && mine.usable) return Promise.resolve(mine.tokens);
    // With a cookie the tab that asks can do that itself, and has the turn.
    if (lockName || !mine.tokens.refreshToken) return undefined;
    return refresher.refresh().then(({ tokens }) => tokens);
  }

  async function answer(to: string, than: number): Promise<void> {
    const offered = offer(than);
    if (!offered) return;
    state.tabs?.post({ type: 'promised', to });
    try {
      const { refreshToken, ...tokens } = await offered;
      state.tabs?.post({ type: 'answered', to, tokens });
    } catch {
      // That a session has ended stands where all can see it.
      if (state.credentials) state.tabs?.post({ type: 'failed', to });
    }
  }

  /** ms. One that is only being opened need not wait long where nobody has signed in; one that is signed in has most to lose. */
  async function patienceFor(spent: TokenSet | undefined): Promise<number> {
    if (spent) return 10 * ANSWER_TIME;
    return (await state.read())?.sessionId ? 5 * ANSWER_TIME : ANSWER_TIME;
  }

  async function succeed(spent: TokenSet | undefined, signal: AbortSignal): Promise<TokenSet | null> {
    const tokens = await ask(spent, await patienceFor(spent), signal);
    if (tokens || !spent) return tokens ?? null;
    throw new SessionError('refresh_rejected', 'No tab that is open holds the refresh token');
  }

  return {
    succeed: (spent, signal) => (lockName || spent?.refreshToken ? undefined : succeed(spent, signal)),
    later: (than, signal) => ask(than, ANSWER_TIME, signal),
    hear(data) {
      const message = data as Message;
      if (message.type === 'asked') void answer(message.by, message.than);
      else if (message.to !== me) return;
      else if (message.type === 'answered') asking?.answered(message.tokens);
      else asking?.[message.type]();
    },
  };
}
