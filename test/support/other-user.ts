import { outcome } from './app.js';
import { createHandmade, type HandmadeApp, staleTokensOf, tokenOf } from './handmade.js';

/** The requests that the server has received: the methods, and the users of the tokens. */
export const usersSeen = ({ seen }: HandmadeApp) =>
  seen.map(
    ({ method, token }) => `${method} ${token ? JSON.parse(atob(token.split('.')[1]!)).sub : 'nobody'}`,
  );

/** Alice's request waits for a refresh, and bob signs in. Returns the application when the request has ended. */
export async function whileBobSignsIn(send: (app: HandmadeApp) => Promise<unknown>): Promise<HandmadeApp> {
  const app = createHandmade();
  await app.session.signIn(staleTokensOf('alice'));
  const waiting = outcome(send(app));
  await app.refreshesBegun(1);
  await app.session.signIn({ accessToken: tokenOf('bob') });
  await waiting;
  return app;
}
