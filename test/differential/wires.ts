/** What left: where to, and with which headers. */
export interface Sent {
  url: URL;
  headers: Record<string, string>;
}

export type Wire = (sent: Sent) => void;

/**
 * Takes the place of whatever sends requests in this environment, and tells where each would have gone, as the platform reads
 * it. Returns the adapters of axios that use it, and what puts everything back.
 */
export function tap(sent: Wire): { adapters: string[]; options: object; release(): void } {
  const { fetch: realFetch, XMLHttpRequest: RealXhr } = globalThis;
  globalThis.fetch = fakeFetch(sent);
  if (RealXhr) globalThis.XMLHttpRequest = fakeXhr(sent);
  const release = () =>
    Object.assign(globalThis, { fetch: realFetch }, RealXhr && { XMLHttpRequest: RealXhr });
  if (RealXhr) return { adapters: ['xhr', 'fetch'], options: {}, release };
  return { adapters: ['http', 'fetch'], options: { transport: fakeTransport(sent), proxy: false }, release };
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

/** Addresses are resolved by an anchor: the page's own reading, and not that of the class `URL`. */
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
