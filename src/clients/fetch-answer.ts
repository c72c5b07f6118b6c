import type { AnswerView, Backend } from '../backends/backend.js';
import { isBodyNeeded, jsonOrText } from '../requests/answer-body.js';

/** A response that can still be read, and the shape in which a backend judges it. */
export interface FetchAnswer {
  response: Response;
  view: AnswerView;
}

/** Reads the body of a response if its backend needs it, which a backend asks for synchronously. */
export async function readAnswer(response: Response, backend: Backend): Promise<FetchAnswer> {
  const { status, headers } = response;
  const unread = { status, headers, body: () => undefined };
  if (!isBodyNeeded(backend, unread)) return { response, view: unread };
  const { text, rest } = await (isPlatform(response) ? readClone(response) : readWhole(response));
  // A backend may take `body` out of the view.
  return { response: rest, view: { status, headers, body: () => text && jsonOrText(text) } };
}

interface Read {
  text: string | undefined;
  rest: Response;
}

/** Whether `clone` can be read to its end while the response itself is not read: node-fetch's stops at 16 kB. */
function isPlatform(response: Response): boolean {
  return typeof Response === 'function' && response instanceof Response;
}

async function readClone(response: Response): Promise<Read> {
  // If the connection breaks, the caller, who reads the response, gets the error.
  const text = await response
    .clone()
    .text()
    .catch(() => undefined);
  return { text, rest: response };
}

/** Replaces a response of another implementation, which may lack `clone`, by one of the same class over the same bytes. */
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

/** Not every implementation lets a response be constructed. */
function construct(Class: typeof Response, bytes: ArrayBuffer, init: ResponseInit): Response | undefined {
  try {
    return new Class(bytes, init);
  } catch {
    return undefined;
  }
}
