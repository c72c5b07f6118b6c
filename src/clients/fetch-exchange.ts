import type { AnswerView, Backend } from '../backends/backend.js';
import { isSessionError, SessionError, type SessionErrorCode } from '../errors.js';
import type { Exchange } from '../requests/authorized.js';
import { RequestBody } from '../requests/body.js';
import { mentions } from '../requests/mentions.js';
import { isSameAddress } from '../requests/same-address.js';
import { letGo } from '../requests/stream.js';
import type { Credentials } from '../tokens/credentials.js';
import { bounded } from '../wait.js';
import { readAnswer } from './fetch-answer.js';
import { type Call, methodOf, withToken } from './fetch-call.js';
import { sendHome } from './fetch-redirect.js';

/** One call of session fetch, as often as it is sent. */
export class FetchExchange implements Exchange<Response> {
  readonly #fetch: typeof fetch;
  readonly #backend: Backend;
  readonly #call: Call;
  readonly #body: RequestBody;
  readonly #views = new WeakMap<object, AnswerView>();
  /** The body of a `Request`, if it has been read. */
  #text = '';

  constructor(send: typeof fetch, backend: Backend, call: Call) {
    this.#fetch = send;
    this.#backend = backend;
    this.#call = call;
    this.#body = new RequestBody(call.init.body);
  }

  /**
   * Reads the body of a `Request`, which shows it only asynchronously, for `carries`. Only text is read: it has an end, and fits in
   * memory. `undefined` if there is nothing to wait for.
   */
  readRequest(): Promise<void> | undefined {
    const { input } = this.#call;
    if (typeof input === 'string' || this.#backend.refreshUrl) return undefined;
    const type = input.headers.get('content-type') ?? '';
    if (!/json|urlencoded|text/.test(type)) return undefined;
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
    // A call that is made as the page is left must be sent before this returns.
    const call = copy instanceof Promise ? await copy : copy;
    const answer = await sendHome(this.#fetch, call, carried);
    if (!answer.status) return answer; // an opaque answer shows nothing
    const { response, view } = await readAnswer(answer, this.#backend);
    this.#views.set(response, view);
    return response;
  }

  hold<T>(work: Promise<T>): Promise<T> {
    this.#body.keep();
    const { input, init } = this.#call;
    const { signal = typeof input === 'string' ? null : input.signal } = init;
    return bounded(work, signal ?? undefined).catch((error) => {
      throw asAbort(error);
    });
  }

  view(outcome: unknown): AnswerView | undefined {
    return this.#views.get(outcome as object);
  }

  discard(outcome: unknown): void {
    letGo((outcome as Response).body);
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

const USER_IS_GONE: SessionErrorCode[] = ['signed_out', 'session_changed', 'refresh_rejected'];

/**
 * Libraries over fetch repeat what fails, by a new call that nobody can tell from the next user's. They do not repeat what is
 * aborted.
 */
function asAbort(error: unknown): unknown {
  if (!isSessionError(error) || !USER_IS_GONE.includes(error.code)) return error;
  const { code, message, cause } = error;
  return Object.assign(new SessionError(code, message, { cause }), { name: 'AbortError' });
}
