import type { AnswerView, Backend } from '../backends/backend.js';
import { cancelStream } from '../bodies/stream.js';
import { isSessionError, SessionError, type SessionErrorCode } from '../errors.js';
import type { Exchange } from '../requests/authorized.js';
import { RequestBody } from '../requests/body.js';
import { mentions } from '../requests/mentions.js';
import { isSameAddress } from '../requests/same-address.js';
import type { Credentials } from '../tokens/credentials.js';
import { bounded } from '../wait.js';
import { readAnswer } from './fetch-answer.js';
import { type Call, methodOf, withToken } from './fetch-call.js';
import { sendWithinOrigin } from './fetch-redirect.js';

/** One call of session fetch. It can be sent more than once. */
export class FetchExchange implements Exchange<Response> {
  readonly #fetch: typeof fetch;
  readonly #backend: Backend;
  readonly #call: Call;
  readonly #body: RequestBody;
  readonly #views = new WeakMap<object, AnswerView>();
  /** The body of a `Request`, if it was read. */
  #text = '';

  constructor(send: typeof fetch, backend: Backend, call: Call) {
    this.#fetch = send;
    this.#backend = backend;
    this.#call = call;
    this.#body = new RequestBody(call.init.body);
  }

  /**
   * Reads the body of a `Request` for `carries`, because it can only be read asynchronously. Only text is read,
   * because it has an end and fits in memory. Returns `undefined` if there is nothing to wait for.
   */
  readRequest(): Promise<void> | undefined {
    const { input } = this.#call;
    if (typeof input === 'string' || this.#backend.refreshUrl) return undefined;
    if (!/json|urlencoded|text/.test(String(input.headers.get('content-type')))) return undefined;
    this.#body.keep();
    return input
      .clone()
      .text()
      .then((text) => void (this.#text = text));
  }

  async send(credentials: Credentials | null): Promise<Response> {
    const { input, init } = this.#call;
    const given = { input, init: 'body' in init ? { ...init, body: this.#body.take() as BodyInit } : init };
    const { carried: usual = {} } = credentials ?? {};
    const carried = usual.forMethod?.(methodOf(given)) ?? usual;
    const copy = withToken(given, carried);
    // When the user leaves the page, the call must be sent before this function returns.
    const call = copy instanceof Promise ? await copy : copy;
    const answer = await sendWithinOrigin(this.#fetch, call, carried);
    if (!answer.status) return answer; // an opaque response shows nothing
    const { response, view } = await readAnswer(answer, this.#backend);
    this.#views.set(response, view);
    return response;
  }

  waitFor<T>(work: Promise<T>): Promise<T> {
    this.#body.keep();
    const { input, init } = this.#call;
    const { signal = (input as Partial<Request>).signal } = init;
    return bounded(work, signal ?? undefined).catch((error) => {
      throw toAbortError(error);
    });
  }

  view(outcome: unknown): AnswerView | undefined {
    return this.#views.get(outcome as object);
  }

  discard(outcome: unknown): void {
    cancelStream((outcome as Response).body);
  }

  replayable(): boolean {
    return this.#body.replayable;
  }

  goesTo(url: string): boolean {
    const { input } = this.#call;
    return isSameAddress(typeof input === 'string' ? input : input.url, url);
  }

  carries(refreshToken: string): boolean {
    const { input, init } = this.#call;
    const { url, headers } = typeof input === 'string' ? { url: input, headers: [] } : input;
    const sent = [...headers, ...new Headers(init.headers)].map(String);
    return mentions(refreshToken, url, ...sent, init.body, this.#text);
  }
}

const USER_SIGNED_OUT: SessionErrorCode[] = ['signed_out', 'session_changed', 'refresh_rejected'];

/**
 * Libraries that use fetch repeat failed calls. The new call looks like a call of the next user. They do not repeat
 * aborted calls.
 */
function toAbortError(error: unknown): unknown {
  if (!isSessionError(error) || !USER_SIGNED_OUT.includes(error.code)) return error;
  const { code, message, cause } = error;
  return Object.assign(new SessionError(code, message, { cause }), { name: 'AbortError' });
}
