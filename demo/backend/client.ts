import type { BackendName, Command, Counts, FromBackend, PlainResponse, ToBackend } from './messages';

/** Sends requests and commands to the backends through the port of the worker. */
export class BackendClient {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, (message: FromBackend) => void>();
  #serial = 0;
  #onCounts: (from: BackendName, counts: Counts) => void = () => {};

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<FromBackend>) => this.#receive(data);
  }

  /** Rejects for a network error, like `fetch`. */
  async fetch(to: BackendName, request: Request): Promise<Response> {
    const { signal, url, method } = request;
    const body = (await request.text()) || undefined;
    signal.throwIfAborted();
    const id = ++this.#serial;
    const answer = this.#answer(id);
    this.#post({ type: 'request', id, to, request: { url, method, headers: [...request.headers], body } });
    const response = await orAborted(answer, signal, () => this.#post({ type: 'abort', id }));
    return toResponse(response.type === 'response' ? response.response : undefined);
  }

  /** Resolves with the counters after the command. */
  async command(to: BackendName, ...command: Command): Promise<Counts> {
    const id = ++this.#serial;
    const answer = this.#answer(id);
    this.#post({ type: 'command', id, to, command });
    return ((await answer) as Extract<FromBackend, { type: 'done' }>).counts;
  }

  watch(onCounts: (from: BackendName, counts: Counts) => void): void {
    this.#onCounts = onCounts;
    this.#post({ type: 'watch' });
  }

  #post(message: ToBackend): void {
    this.#port.postMessage(message);
  }

  #answer(id: number): Promise<FromBackend> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  #receive(message: FromBackend): void {
    if (message.type === 'counts') {
      this.#onCounts(message.from, message.counts);
    } else {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}

function orAborted<T>(answer: Promise<T>, signal: AbortSignal, abort: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      abort();
      reject(signal.reason);
    };
    signal.addEventListener('abort', onAbort);
    void answer.then(resolve).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function toResponse(plain: PlainResponse | undefined): Response {
  if (!plain) throw new TypeError('Failed to fetch');
  return new Response(plain.body, { status: plain.status, headers: plain.headers });
}
