import type { AnswerView } from '../backends/backend.js';
import { refusesByStatus } from '../backends/refuses.js';
import { SessionError } from '../errors.js';
import type { SessionCore } from '../session.js';
import type { Credentials } from '../tokens/credentials.js';
import { bounded } from '../wait.js';
import type { Requester } from './requester.js';

/** What a client can do with one request of its own. */
export interface Exchange<Answer> {
  /** Sends the request, each time as it was at first, with these credentials; `null`: with none. */
  send(credentials: Credentials | null): Promise<Answer>;
  /** Waits for `work` no longer than the request's own signal and time-out allow. */
  hold<T>(work: Promise<T>): Promise<T>;
  /**
   * An answer, or what `send` threw, as the backend may judge it; `undefined` if the server did not answer. Called once for
   * each sending, before the caller sees the outcome.
   */
  view(outcome: unknown): AnswerView | undefined;
  /** Cancels an outcome that nobody is going to see, which frees its connection. */
  discard(outcome: unknown): void;
  /** Whether the body can be sent a second time. */
  replayable(): boolean;
  /** Whether the request is sent to this address. */
  goesTo(url: string): boolean;
  /** Whether the request contains this token, in its URL, headers or body. */
  carries(refreshToken: string): boolean;
}

/** What `withStepUp` adds to `reauthenticate`: sends a request again if the user proves what its answer asks for. */
export type StepUp = <Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  held: Credentials,
  sent: Promise<Answer>,
  answer: AnswerView,
) => Promise<Answer> | undefined;

/**
 * Attaches a token, sends, and sends once more if the server refuses the token. Only a token of the requester is ever attached.
 */
export function authorized<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  requester: Requester,
): Promise<Answer> {
  const { refresher, state } = core;
  const send = (held: Credentials | null) => {
    const reason = requester.claim(held);
    return reason ? exchange.hold(Promise.reject(reason)) : attempt(core, exchange, held);
  };
  const refresh = refresher.refreshingWith && refreshBy(core, exchange);
  if (refresh === 'surely') return attempt(core, exchange, null);
  if (refresh === 'perhaps') return withoutWaiting(core, exchange, send);
  const held = refresher.peek();
  if (held !== undefined) return send(held);
  if (state.credentials && requester.claim(state.credentials)) return send(state.credentials);
  return exchange.hold(refresher.acquire()).then(send);
}

/**
 * Whether this is the very request by which the backend asks for new tokens, which must not wait for itself. It is, if it goes to
 * the backend's `refreshUrl`. If the backend has none, any request that contains the refresh token could be it.
 */
function refreshBy<Answer>(
  { backend, refresher }: SessionCore,
  exchange: Exchange<Answer>,
): 'surely' | 'perhaps' | undefined {
  const { refreshUrl } = backend;
  if (refreshUrl) return exchange.goesTo(refreshUrl) ? 'surely' : undefined;
  const refreshToken = refresher.refreshingWith?.refreshToken;
  return refreshToken && exchange.carries(refreshToken) ? 'perhaps' : undefined;
}

/** ms for which a refused request that may be the refresh itself waits for the refresh to end. */
const PATIENCE = 1_000;

/** Sends what may be the refresh itself without a token. If it is refused, it may be an ordinary request, e.g. a logout. */
async function withoutWaiting<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  send: (held: Credentials) => Promise<Answer>,
): Promise<Answer> {
  const first = exchange.send(null);
  const outcome = await first.catch((error: unknown) => error);
  if (!refuses(core, exchange.view(outcome)) || !exchange.replayable()) return first;
  const refreshed = bounded(core.refresher.acquire(), undefined, PATIENCE);
  const held = await exchange.hold(refreshed.catch(() => null));
  if (!held) return first;
  exchange.discard(outcome);
  return send(held);
}

function attempt<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  held: Credentials | null,
): Promise<Answer> {
  const first = exchange.send(held);
  const judge = (outcome: unknown) => {
    const answer = exchange.view(outcome);
    if (!held || !answer) return undefined;
    const proven = stepUpOf(core)?.(core, exchange, held, first, answer);
    return proven ?? (refuses(core, answer) ? again(core, exchange, held, first, outcome) : undefined);
  };
  return first.then(
    (answer) => judge(answer) ?? answer,
    (error) => judge(error) ?? first,
  );
}

/** Sends a refused request again. The second answer goes to the caller, unless it asks the user to prove more. */
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
    const message =
      'The request was refused, and its body (a stream, or a large buffer) cannot be sent again';
    return exchange.hold(Promise.reject(new SessionError('request_not_replayable', message)));
  }
  const good = await exchange.hold(successor);
  const second = exchange.send(good);
  const answer = exchange.view(await second.catch((error: unknown) => error));
  refresher.replayed(!refuses(core, answer));
  return (answer && stepUpOf(core)?.(core, exchange, good, second, answer)) ?? second;
}

function stepUpOf({ settings }: SessionCore): StepUp | undefined {
  return (settings.reauthenticate as { stepUp?: StepUp } | undefined)?.stepUp;
}

function refuses({ backend }: SessionCore, answer: AnswerView | undefined): boolean {
  if (!answer) return false;
  return backend.refuses ? backend.refuses(answer) : refusesByStatus(answer);
}
