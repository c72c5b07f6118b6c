import type { StepUpChallenge } from '../backends/backend.js';
import { stepUpOf } from '../backends/step-up.js';
import { sessionChanged, signedOut } from '../errors.js';
import type { ReauthenticateEvent } from '../events.js';
import { assertCallbacks } from '../options.js';
import type { SessionCore } from '../session.js';
import type { Credentials } from '../tokens/credentials.js';
import type { Exchange, StepUp } from './authorized.js';
import { StepUpDialogs } from './step-up-dialogs.js';

/**
 * Has `reauthenticate` called for a step-up too: when the server asks the user to prove more (RFC 9470, or a code that the backend
 * knows). `event.reason` is `'step_up'` then, and `event.challenge` what the server asks for. The request is held until it ends,
 * and sent once more. It resolves with a login answer, or with nothing if it called `signIn` itself or the server has noted the
 * proof with the session. If it rejects, or takes longer than `reauthenticateTimeout`, the caller gets the server's answer.
 * @throws {TypeError} if `reauthenticate` is not a function.
 */
export function withStepUp<C extends object = Record<string, unknown>>(
  reauthenticate: (event: ReauthenticateEvent<C>) => Promise<unknown>,
): (event: ReauthenticateEvent<C>) => Promise<unknown> {
  assertCallbacks({ reauthenticate: reauthenticate ?? null });
  const dialogs = new StepUpDialogs();
  const stepUp: StepUp = (core, exchange, held, sent, answer) => {
    const challenge = stepUpOf(core.backend, answer);
    // What cannot be sent again is not held.
    if (!challenge || !exchange.replayable()) return undefined;
    return proveAndSend(dialogs, core, exchange, held, sent, challenge);
  };
  const ask = (event: ReauthenticateEvent<C>) => {
    // To sign in again is to prove more: there is never a second dialog.
    if (!event.reason) dialogs.supersede();
    return reauthenticate(event);
  };
  return Object.assign(ask, { stepUp });
}

async function proveAndSend<Answer>(
  dialogs: StepUpDialogs,
  core: SessionCore,
  exchange: Exchange<Answer>,
  held: Credentials,
  sent: Promise<Answer>,
  challenge: StepUpChallenge,
): Promise<Answer> {
  const discard = (outcome: unknown) => exchange.discard(outcome);
  const { refresher } = core;
  const ending = await exchange.waitFor(dialogs.open(core, held, challenge)).catch((error) => {
    sent.then(discard, discard);
    throw error;
  });
  if (ending === 'gave up') return sent;
  sent.then(discard, discard);
  const good = await exchange.waitFor(ending === 'superseded' ? refresher.refresh() : refresher.acquire());
  if (good?.owner !== held.owner) return exchange.waitFor(Promise.reject(good ? sessionChanged() : signedOut()));
  const last = exchange.send(good);
  exchange.view(await last.catch((error: unknown) => error));
  return last;
}
