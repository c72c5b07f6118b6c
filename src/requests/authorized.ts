import type { AnswerView } from '../backends/backend.js';
import { SessionError, sessionChanged, signedOut } from '../errors.js';
import type { SessionCore } from '../session.js';
import type { Credentials } from '../tokens/credentials.js';

/** What a client can do with one request of its own. */
export interface Exchange<Answer> {
  /** Sends the request, each time as it was at first, with these credentials; `null`: with none. */
  send(credentials: Credentials | null): Promise<Answer>;
  /** Waits for `work` no longer than the request's own signal and time-out allow. */
  hold<T>(work: Promise<T>): Promise<T>;
  /**
   * An answer, or what `send` threw, as the backend may judge it; `undefined` where the server said nothing. Called once for
   * each sending, before the caller sees the outcome.
   */
  view(outcome: unknown): AnswerView | undefined;
  /** Lets go of an outcome that nobody will see, and of its connection. */
  discard(outcome: unknown): void;
  /** Whether the body can be sent a second time. */
  replayable(): boolean;
  /** Whether this is the very call by which the backend asks for new tokens: it must not wait for itself. */
  carries(refreshToken: string): boolean;
}

/**
 * Attach, send; refused? once more (laws 2 and 4). `begun` is who was signed in when the caller asked: nobody else's token
 * is ever put on the request (law 6).
 */
export function authorized<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  begun: Holder,
): Promise<Answer> {
  const { refresher } = core;
  const refreshToken = refresher.refreshingWith?.refreshToken;
  if (refreshToken && exchange.carries(refreshToken)) return attempt(core, exchange, null, null);
  const held = refresher.peek();
  if (held !== undefined) return attempt(core, exchange, held, begun);
  return exchange.hold(refresher.acquire()).then((good) => attempt(core, exchange, good, begun));
}

type Holder = Credentials | null | undefined;

function attempt<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  held: Credentials | null,
  begun: Holder,
): Promise<Answer> {
  if (begun && begun.owner !== held?.owner)
    return exchange.hold(Promise.reject(held ? sessionChanged() : signedOut()));
  const first = exchange.send(held);
  const judge = (outcome: unknown) => {
    const refused = refuses(core, exchange.view(outcome));
    return held && refused ? again(core, exchange, held, first, outcome) : undefined;
  };
  return first.then(
    (answer) => judge(answer) ?? answer,
    (error) => judge(error) ?? first,
  );
}

/** The one replay; the second answer is the caller's, whatever it says. */
async function again<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  refused: Credentials,
  first: Promise<Answer>,
  outcome: unknown,
): Promise<Answer> {
  const { refresher } = core;
  const successor = refresher.replace(refused);
  if (!successor) return first;
  exchange.discard(outcome);
  if (!exchange.replayable()) {
    successor.catch(() => {}); // a refresh for the requests that follow
    const message = 'The request was refused, and its body, a stream, cannot be sent a second time';
    return exchange.hold(Promise.reject(new SessionError('request_not_replayable', message)));
  }
  const second = exchange.send(await exchange.hold(successor));
  const last = await second.catch((error: unknown) => error);
  refresher.replayed(!refuses(core, exchange.view(last)));
  return second;
}

function refuses({ backend }: SessionCore, answer: AnswerView | undefined): boolean {
  if (!answer) return false;
  return backend.refuses ? backend.refuses(answer) : answer.status === 401;
}
