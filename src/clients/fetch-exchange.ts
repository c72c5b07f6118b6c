import type { AnswerView, Backend } from '../backends/backend.js';
import type { Exchange } from '../requests/authorized.js';
import { mentions } from '../requests/mentions.js';
import { letGo } from '../requests/stream.js';
import type { Credentials } from '../tokens/credentials.js';
import { bounded } from '../wait.js';
import { FetchAnswer } from './fetch-answer.js';
import { type Call, methodOf, withToken } from './fetch-call.js';
import { sendHome } from './fetch-redirect.js';

/** One call of session fetch, as often as it is sent. */
export class FetchExchange implements Exchange<Response> {
  readonly #fetch: typeof fetch;
  readonly #backend: Backend;
  readonly #call: Call;
  readonly #views = new WeakMap<object, AnswerView>();
  /** The body of a `Request`, where it was read. */
  #text = '';

  constructor(send: typeof fetch, backend: Backend, call: Call) {
    this.#fetch = send;
    this.#backend = backend;
    this.#call = call;
  }

  /** A `Request` shows its body only asynchronously. Only text is read: that has an end, and fits in memory. */
  async readRequest(): Promise<void> {
    const { input } = this.#call;
    if (typeof input === 'string') return;
    const type = input.headers.get('content-type') ?? '';
    if (/json|urlencoded|text/.test(type)) this.#text = await input.clone().text();
  }

  async send(credentials: Credentials | null): Promise<Response> {
    if (!credentials) return this.#fetch(this.#call.input, this.#call.init);
    const { carried: usual } = credentials;
    const carried = usual.forMethod?.(methodOf(this.#call)) ?? usual;
    const copy = withToken(this.#call, carried);
    // A call that begins as the page is left must be sent before this returns.
    const call = copy instanceof Promise ? await copy : copy;
    const answer = await sendHome(this.#fetch, call, carried);
    // Of an opaque answer nothing can be known.
    if (answer.status) this.#views.set(answer, await FetchAnswer.read(answer, this.#backend));
    return answer;
  }

  hold<T>(work: Promise<T>): Promise<T> {
    const { input, init } = this.#call;
    const { signal = typeof input === 'string' ? null : input.signal } = init;
    return bounded(work, signal ?? undefined);
  }

  view(outcome: unknown): AnswerView | undefined {
    return this.#views.get(outcome as object);
  }

  discard(outcome: unknown): void {
    letGo((outcome as Response).body);
  }

  replayable(): boolean {
    const { body } = this.#call.init;
    return !(body && typeof body === 'object' && ('getReader' in body || Symbol.asyncIterator in body));
  }

  carries(refreshToken: string): boolean {
    const { input, init } = this.#call;
    const { url, headers } = typeof input === 'string' ? { url: input, headers: [] } : input;
    const sent = [...headers, ...new Headers(init.headers)].map(String);
    return mentions(refreshToken, url, ...sent, init.body, this.#text);
  }
}
