import type { AnswerView, Backend } from '../backends/backend.js';

/** Thrown by `body` of an answer that has not been read yet. */
const UNREAD = Symbol('unread');

/** A response in the shape in which a backend judges it. The response itself is left unspent. */
export class FetchAnswer implements AnswerView {
  /** `body` is synchronous, so where this backend asks for the body, a copy of it is read beforehand. */
  static async read(response: Response, backend: Backend): Promise<FetchAnswer> {
    const answer = new FetchAnswer(response);
    if (asksForBody(backend, answer)) answer.#text = await textOf(response);
    return answer;
  }

  readonly status: number;
  readonly headers: Headers;
  #text: string | undefined | typeof UNREAD = UNREAD;

  private constructor({ status, headers }: Response) {
    this.status = status;
    this.headers = headers;
  }

  /** A backend may take it out of the view. */
  readonly body = (): unknown => {
    const text = this.#text;
    if (text === UNREAD) throw UNREAD;
    try {
      return text && JSON.parse(text);
    } catch {
      return text;
    }
  };
}

function asksForBody(backend: Backend, answer: AnswerView): boolean {
  let asked = false;
  const body = () => {
    asked = true;
    return answer.body();
  };
  try {
    backend.refuses?.({ status: answer.status, headers: answer.headers, body });
  } catch {
    // It will be asked again, with the body, and may throw then.
  }
  return asked;
}

/** Of what has an end: a good answer may be a stream of events, or a download. */
async function textOf(response: Response): Promise<string | undefined> {
  const isJson = /[/+]json\b/i.test(response.headers.get('content-type') ?? '');
  if (response.ok && !isJson) return undefined;
  // What breaks off does so again for the caller, who reads it.
  return response
    .clone()
    .text()
    .catch(() => undefined);
}
