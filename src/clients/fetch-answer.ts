import type { AnswerView, Backend } from '../backends/backend.js';
import { isBodyNeeded } from '../backends/read-body.js';
import { jsonOrText } from '../bodies/json.js';

/** A response that can still be read, and the form of it that a backend judges. */
export interface FetchAnswer {
  response: Response;
  view: AnswerView;
}

/** Reads the body of a response if its backend needs it, because a backend reads it synchronously. */
export async function readAnswer(response: Response, backend: Backend): Promise<FetchAnswer> {
  // A mock of a test may lack headers.
  const { status, headers = new Headers() } = response;
  const unread = { status, headers, body: () => undefined };
  if (!isBodyNeeded(backend, unread)) return { response, view: unread };
  const { text, rest } = await (isPlatform(response) ? readClone(response) : readWhole(response));
  // A backend may destructure `body` from the view.
  return { response: rest, view: { status, headers, body: () => text && jsonOrText(text) } };
}

interface Read {
  text: string | undefined;
  rest: Response;
}

/** Whether `clone` can be read to its end before the response itself is read. In node-fetch, it stops at 16 kB. */
function isPlatform(response: Response): boolean {
  return typeof Response === 'function' && response instanceof Response;
}

async function readClone(response: Response): Promise<Read> {
  // If the connection breaks, the caller gets the error when it reads the response.
  const text = await response
    .clone()
    .text()
    .catch(() => undefined);
  return { text, rest: response };
}

/**
 * Replaces a response of another implementation, which may lack `clone`, with one of the same class and the same
 * bytes.
 */
async function readWhole(response: Response): Promise<Read> {
  if (typeof response.arrayBuffer !== 'function') return { text: undefined, rest: response };
  const bytes = await response.arrayBuffer();
  return { text: new TextDecoder().decode(bytes), rest: withBody(response, bytes) };
}

function withBody(response: Response, bytes: ArrayBuffer): Response {
  const { status, statusText, headers, url, redirected, type } = response;
  const init = { status, statusText, headers };
  const copy = construct(response.constructor as typeof Response, bytes, init) ?? new Response(bytes, init);
  for (const [name, value] of Object.entries({ url, redirected, type })) {
    Object.defineProperty(copy, name, { value, configurable: true });
  }
  return copy;
}

/** Some implementations do not let you construct a response. */
function construct(Class: typeof Response, bytes: ArrayBuffer, init: ResponseInit): Response | undefined {
  try {
    return new Class(bytes, init);
  } catch {
    return undefined;
  }
}
