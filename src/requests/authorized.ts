import type { AnswerView } from '../backends/backend.js';
import { refusesByStatus } from '../backends/refuses.js';
import { SessionError } from '../errors.js';
import type { SessionCore } from '../session.js';
import type { Credentials } from '../tokens/credentials.js';
import { bounded } from '../wait.js';
import type { Requester } from './requester.js';

/** What a client can do with one of its requests. */
export interface Exchange<Answer> {
  /** Sends the original request with these credentials; `null`: without credentials. */
  send(credentials: Credentials | null): Promise<Answer>;
  /** Waits for `work`, but no longer than the request's own signal and timeout allow. */
  waitFor<T>(work: Promise<T>): Promise<T>;
  /**
   * Returns a response, or what `send` threw, in the form that the backend judges; `undefined` if the server did not
   * respond. Called once for each sending, before the caller sees the outcome.
   */
  view(outcome: unknown): AnswerView | undefined;
  /** Cancels an outcome that will not be read, which frees its connection. */
  discard(outcome: unknown): void;
  /** Whether the body can be sent again. */
  replayable(): boolean;
  /** Whether the request is sent to this address. */
  goesTo(url: string): boolean;
  /** Whether the request contains this token in its URL, headers or body. */
  carries(refreshToken: string): boolean;
}

/** What `withStepUp` adds to `reauthenticate`. Called before a request is sent. */
export type StepUp = (core: SessionCore) => ProveMore;

/** Sends a request again if the user completes the step-up that its response requires; `undefined` if it requires none. */
export type ProveMore = <Answer>(
  exchange: Exchange<Answer>,
  held: Credentials,
  sent: Promise<Answer>,
  answer: AnswerView,
) => Promise<Answer> | undefined;

/**
 * Attaches a token, sends the request, and sends it once more if the server refuses the token. It only attaches
 * tokens of the user who made the request.
 */
export function authorized<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  requester: Requester,
): Promise<Answer> {
  const { refresher, state } = core;
  const send = (held: Credentials | null) => {
    const reason = requester.claim(held);
    return reason ? exchange.waitFor(Promise.reject(reason)) : attempt(core, exchange, held);
  };
  const refresh = refresher.refreshingWith && refreshBy(core, exchange);
  if (refresh === 'certainly') return attempt(core, exchange, null);
  if (refresh === 'possibly') return withoutWaiting(core, exchange, send);
  const held = refresher.peek();
  if (held !== undefined) return send(held);
  if (state.credentials && requester.claim(state.credentials)) return send(state.credentials);
  return exchange.waitFor(refresher.acquire()).then(send);
}

/**
 * Whether this is the request with which the backend itself asks for new tokens; it must not wait for itself. It is,
 * if it goes to the backend's `refreshUrl`. If the backend has no `refreshUrl`, any request that contains the refresh
 * token could be it.
 */
function refreshBy<Answer>(
  { backend, refresher }: SessionCore,
  exchange: Exchange<Answer>,
): 'certainly' | 'possibly' | undefined {
  const { refreshUrl } = backend;
  if (refreshUrl) return exchange.goesTo(refreshUrl) ? 'certainly' : undefined;
  const refreshToken = refresher.refreshingWith?.refreshToken;
  return refreshToken && exchange.carries(refreshToken) ? 'possibly' : undefined;
}

/** ms that a refused request waits for the refresh to end if it may be the refresh itself. */
const REFRESH_WAIT = 1_000;

/**
 * Sends a request that may be the refresh itself without a token. If the server refuses it, it may be an ordinary
 * request, e.g. a logout.
 */
async function withoutWaiting<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  send: (held: Credentials) => Promise<Answer>,
): Promise<Answer> {
  const first = exchange.send(null);
  const outcome = await first.catch((error: unknown) => error);
  if (!refuses(core, exchange.view(outcome)) || !exchange.replayable()) return first;
  const refreshed = bounded(core.refresher.acquire(), undefined, REFRESH_WAIT);
  const held = await exchange.waitFor(refreshed.catch(() => null));
  if (!held) return first;
  exchange.discard(outcome);
  return send(held);
}

function attempt<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  held: Credentials | null,
): Promise<Answer> {
  const proveMore = proveMoreOf(core);
  const sentAt = Date.now();
  const first = exchange.send(held);
  const judge = (outcome: unknown) => {
    const answer = exchange.view(outcome);
    if (!held || !answer) return undefined;
    const proven = proveMore?.(exchange, held, first, answer);
    if (proven || !refuses(core, answer)) return proven;
    const refreshed = core.refresher.replace(held, sentAt);
    return refreshed && resend(core, exchange, refreshed, outcome);
  };
  return first.then(
    (answer) => judge(answer) ?? answer,
    (error) => judge(error) ?? first,
  );
}

/** Sends a refused request again. The caller gets the second response, unless that requires a step-up. */
async function resend<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  refreshed: Promise<Credentials>,
  outcome: unknown,
): Promise<Answer> {
  exchange.discard(outcome);
  if (!exchange.replayable()) {
    refreshed.catch(() => {}); // this refresh helps later requests
    const message = 'The body of the request (a stream, or a large buffer) cannot be sent again';
    return exchange.waitFor(Promise.reject(new SessionError('request_not_replayable', message)));
  }
  const good = await exchange.waitFor(refreshed);
  const proveMore = proveMoreOf(core);
  const second = exchange.send(good);
  const answer = exchange.view(await second.catch((error: unknown) => error));
  core.refresher.replayed(!refuses(core, answer));
  return (answer && proveMore?.(exchange, good, second, answer)) ?? second;
}

function proveMoreOf(core: SessionCore): ProveMore | undefined {
  return (core.settings.reauthenticate as { stepUp?: StepUp } | undefined)?.stepUp?.(core);
}

function refuses({ backend }: SessionCore, answer: AnswerView | undefined): boolean {
  // If the user has to prove more, a new token would get the same response.
  if (!answer || backend.stepUp?.(answer)) return false;
  return backend.refuses ? backend.refuses(answer) : refusesByStatus(answer);
}
