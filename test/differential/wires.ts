/** A sent request: its address and its headers. */
export interface Sent {
  url: URL;
  headers: Record<string, string>;
}

type Wire = (sent: Sent) => void;

export interface Adapters {
  /** The names of the adapters in axios. */
  readonly names: readonly string[];
  /** The options that they need. */
  readonly options: object;
  /** The sent requests since this was last emptied. */
  readonly sent: Sent[];
  /** Restores everything. */
  release(): void;
}

/**
 * Replaces everything that sends requests in this environment, and records where each request would go, as the
 * platform reads it.
 */
export function tap(): Adapters {
  const { fetch: realFetch, XMLHttpRequest: RealXhr } = globalThis;
  const sent: Sent[] = [];
  // Half of the requests fail, and stack traces take most of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const wire: Wire = (request) => sent.push(request);
  globalThis.fetch = fakeFetch(wire);
  if (RealXhr) globalThis.XMLHttpRequest = fakeXhr(wire);
  const release = () => {
    Error.stackTraceLimit = stackTraceLimit;
    Object.assign(globalThis, { fetch: realFetch }, RealXhr && { XMLHttpRequest: RealXhr });
  };
  if (RealXhr) return { names: ['xhr', 'fetch'], options: {}, sent, release };
  return {
    names: ['http', 'fetch'],
    options: { transport: fakeTransport(wire), proxy: false },
    sent,
    release,
  };
}

function fakeFetch(sent: Wire): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    sent({ url: new URL(request.url), headers: Object.fromEntries(request.headers) });
    return new Response('{}');
  };
}

/** Node's `http` and `https`, as axios's adapter calls them. */
function fakeTransport(sent: Wire): object {
  return {
    request({ protocol, hostname, port, path, auth, headers }: Record<string, string> & { headers: object }) {
      const host = hostname?.includes(':') ? `[${hostname}]` : hostname;
      sent({
        url: new URL(`${protocol}//${host}${port ? `:${port}` : ''}${path}`),
        headers: Object.fromEntries(
          Object.entries({ ...headers, ...(auth && { authorization: `Basic ${auth}` }) }).map(
            ([name, value]) => [name.toLowerCase(), String(value)],
          ),
        ),
      });
      throw new Error('sent');
    },
  };
}

/** An anchor resolves URLs as the page does, independently of the class `URL`. */
function fakeXhr(sent: Wire): typeof XMLHttpRequest {
  class FakeXhr {
    onloadend: ((event: object) => void) | null = null;
    status = 200;
    statusText = 'OK';
    responseText = '{}';
    responseURL = '';
    readonly headers: Record<string, string> = {};

    open(_method: string, address: string): void {
      const anchor = document.createElement('a');
      anchor.href = address;
      if (!anchor.protocol.startsWith('http')) throw new DOMException('Not a URL to ask', 'SyntaxError');
      this.responseURL = anchor.href;
    }

    setRequestHeader(name: string, value: string): void {
      this.headers[name.toLowerCase()] = value;
    }

    getAllResponseHeaders(): string {
      return '';
    }

    addEventListener(): void {}
    removeEventListener(): void {}
    abort(): void {}

    send(): void {
      sent({ url: new URL(this.responseURL), headers: this.headers });
      queueMicrotask(() => this.onloadend?.({}));
    }
  }
  return FakeXhr as unknown as typeof XMLHttpRequest;
}
