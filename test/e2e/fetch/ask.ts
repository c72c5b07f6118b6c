import { type Carry, createSession } from 'unexpired';
import { createSessionFetch } from 'unexpired/fetch';

/** A request in a form that can be passed to a page. */
export interface Question {
  url: string;
  init?: RequestInit;
  /** Use a `Request` instead of an address. */
  asRequest?: boolean;
  carry?: Carry;
}

/**
 * Sends it with session fetch and a first token that the server refuses. Returns status and body, or the error's
 * name.
 */
export async function ask({ url, init, asRequest, carry }: Question): Promise<string> {
  const session = createSession({
    backend: {
      readTokens: (body) => body as { accessToken: string },
      refresh: async () => (await fetch('/refresh', { method: 'POST' })).json(),
      ...(carry && { carry }),
    },
  });
  await session.signIn({ accessToken: 'old' });
  const call = createSessionFetch(session);
  try {
    const answer = await (asRequest ? call(new Request(url, init)) : call(url, init));
    return `${answer.status} ${await answer.text()}`;
  } catch (error) {
    return (error as Error).name;
  } finally {
    session.dispose();
  }
}

declare global {
  interface Window {
    ask: typeof ask;
  }
}
