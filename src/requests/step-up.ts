import { assertCallbacks } from '../assert.js';
import { stepUpOf } from '../backends/step-up.js';
import { sessionChanged, signedOut } from '../errors.js';
import type { ReauthenticateEvent } from '../events.js';
import type { SessionCore } from '../session.js';
import type { Credentials } from '../tokens/credentials.js';
import type { Exchange, StepUp } from './authorized.js';
import { type Ending, StepUpDialogs } from './step-up-dialogs.js';

/**
 * Makes `reauthenticate` also handle a step-up: the server requires a stronger sign-in (RFC 9470, or a code that the
 * backend lists). `event.reason` is then `'step_up'`, and `event.challenge` is what the server requires. The request
 * is held until `reauthenticate` settles, and is then sent once more. Resolve it with a login response, or with
 * `undefined` if it called `signIn` itself or if the server has recorded the step-up in the session. If it rejects,
 * or takes longer than `reauthenticateTimeout`, the caller gets the server's response.
 * @throws {TypeError} if `reauthenticate` is not a function.
 */
export function withStepUp<C extends object = Record<string, unknown>>(
  reauthenticate: (event: ReauthenticateEvent<C>) => Promise<unknown>,
): (event: ReauthenticateEvent<C>) => Promise<unknown> {
  assertCallbacks({ reauthenticate: reauthenticate ?? null });
  const dialogs = new StepUpDialogs();
  const stepUp: StepUp = (core) => {
    const since = dialogs.ended;
    return (exchange, held, sent, answer) => {
      const challenge = stepUpOf(core.backend, answer);
      // A request that cannot be sent again is not held.
      if (!challenge || !exchange.replayable()) return undefined;
      const prove = () => dialogs.open(core, held, challenge, since);
      return sendWhenProven(core, exchange, held, sent, prove);
    };
  };
  const ask = (event: ReauthenticateEvent<C>) => {
    // A new sign-in also completes a step-up, so there is never a second dialog.
    if (!event.reason) dialogs.supersede();
    return reauthenticate(event);
  };
  return Object.assign(ask, { stepUp });
}

async function sendWhenProven<Answer>(
  core: SessionCore,
  exchange: Exchange<Answer>,
  held: Credentials,
  sent: Promise<Answer>,
  prove: () => Promise<Ending>,
): Promise<Answer> {
  const discard = (outcome: unknown) => exchange.discard(outcome);
  const { refresher } = core;
  const ending = await exchange.waitFor(prove()).catch((error) => {
    sent.then(discard, discard);
    throw error;
  });
  if (ending === 'gave up') return sent;
  sent.then(discard, discard);
  const good = await exchange.waitFor(ending === 'superseded' ? refresher.refresh() : refresher.acquire());
  // The same user may have signed in again in another tab.
  const isSameSubject = held.subject !== undefined && held.subject === good?.subject;
  if (good?.owner !== held.owner && !isSameSubject)
    return exchange.waitFor(Promise.reject(good ? sessionChanged() : signedOut()));
  const last = exchange.send(good);
  exchange.view(await last.catch((error: unknown) => error));
  return last;
}
