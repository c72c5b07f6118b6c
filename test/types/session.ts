import axios from 'axios';
import { createSession, keepAlive, type Session, type SessionOptions, warnBeforeEnd } from 'unexpired';
import { attachSession } from 'unexpired/axios';
import { createSessionFetch } from 'unexpired/fetch';
import { useSession } from 'unexpired/react';
import { createSessionPlugin, requireSignIn, useSession as useVueSession } from 'unexpired/vue';

interface MyClaims {
  sub: string;
  roles: string[];
}

declare const options: SessionOptions;
declare const typedOptions: SessionOptions<MyClaims>;

// Without a type of its own, a claim is unknown.
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
// @ts-expect-error claims are for display only
typed.claims.sub = 'ann';
// @ts-expect-error nobody may be signed in
export const sub = typed.claims.sub;

// What takes a session takes one with claims of any type.
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
