import axios from 'axios';
import {
  createSession,
  keepAlive,
  type Session,
  type SessionOptions,
  stepUpCodes,
  warnBeforeEnd,
  withStepUp,
} from 'unexpired';
import { attachSession } from 'unexpired/axios';
import { createSessionFetch } from 'unexpired/fetch';
import { type IdleView, type IdleWatch, watchIdle } from 'unexpired/idle';
import { useIdle, useSession } from 'unexpired/react';
import {
  createSessionPlugin,
  requireSignIn,
  useIdle as useVueIdle,
  useSession as useVueSession,
} from 'unexpired/vue';

interface MyClaims {
  sub: string;
  roles: string[];
}

declare const options: SessionOptions;
declare const typedOptions: SessionOptions<MyClaims>;

// Without a type argument, a claim is unknown.
const session: Session = createSession(options);
export const claim: unknown = session.claims?.roles;

const typed: Session<MyClaims> = createSession<MyClaims>(typedOptions);
export const roles: readonly string[] | undefined = typed.claims?.roles;
createSession<MyClaims>({
  ...typedOptions,
  identify: (claims) => claims?.sub,
  reauthenticate: async ({ claims }) => claims?.roles.length,
});
// @ts-expect-error no such claim
export const name = typed.claims?.name;
// @ts-expect-error claims are read-only
typed.claims.sub = 'ann';
// @ts-expect-error the claims are null if nobody is signed in
export const sub = typed.claims.sub;

// A parameter of type Session accepts sessions with claims of any type.
attachSession(axios.create(), typed);
createSessionFetch(typed);
keepAlive(typed);
warnBeforeEnd(typed);
requireSignIn(typed, { to: '/login' });
createSessionPlugin(typed);
export const reactRoles: readonly string[] | undefined = useSession(typed).claims?.roles;
export const vueRoles: readonly string[] | undefined = useVueSession<MyClaims>().claims.value?.roles;

export const idToken: unknown = session.details?.id_token;
export const end: number | undefined = session.endsAt;
// @ts-expect-error
session.details.id_token = 'x';
session.subscribe((event) => {
  if (event.type === 'signed-in') return event.elsewhere === true;
  return event.type === 'ending' && event.endsAt > 0;
});

// The reason of the event determines the type of the challenge.
export const ask = withStepUp<MyClaims>(async (event) => {
  if (event.reason === 'step_up') return event.challenge.acrValues.length + (event.claims?.roles.length ?? 0);
  // @ts-expect-error there is none
  return event.challenge.code;
});
createSession<MyClaims>({ ...typedOptions, reauthenticate: ask });
// @ts-expect-error a function
withStepUp('dialog');
// @ts-expect-error a list of codes
stepUpCodes({ codes: 'mfa' });

const watch: IdleWatch = watchIdle(typed, {
  idleAfter: 900_000,
  onIdle: ({ reason, elsewhere }) => [reason, elsewhere],
});
export const status: 'active' | 'warning' | 'idle' = watch.view.status;
// @ts-expect-error the duration is missing
watchIdle(typed, {});
// @ts-expect-error the value is read-only
watch.view.status = 'active';
export const reactIdle: IdleView = useIdle(watch);
export const vueIdle: IdleView = useVueIdle(watch).value;
