import { HttpResponse, http } from 'msw';
import { onTestFinished } from 'vitest';
import { network } from '#network';
import { type Backend, createSession, type Session } from '../../src/index.js';

export interface TokenEndpoint {
  /** The refresh requests. */
  seen: Request[];
  /** Sets the response for later requests. */
  answerWith(next: () => Response): void;
}

/** A URL at which msw responds as the test sets, for all methods. */
export function mockEndpoint(url: string): TokenEndpoint {
  const seen: Request[] = [];
  let answer = (): Response => HttpResponse.error();
  network.use(
    http.all(url, ({ request }) => {
      seen.push(request.clone() as Request);
      return answer();
    }),
  );
  return { seen, answerWith: (next) => void (answer = next) };
}

/** A session that is disposed after the test. `ends`: the reasons of its sign-out events. */
export function sessionOf(backend: Backend): { session: Session; ends: string[] } {
  const ends: string[] = [];
  const session = createSession({ backend, onSignedOut: ({ reason }) => void ends.push(reason) });
  onTestFinished(() => session.dispose());
  return { session, ends };
}
