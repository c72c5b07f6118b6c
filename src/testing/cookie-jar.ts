import type { TestBackendSettings } from './options.js';

/** The cookies of this backend: in the `Cookie` header of a caller that has a jar, else in the one kept here. */
export class CookieJar {
  readonly #settings: TestBackendSettings;
  readonly #cookies = new Map<string, string>();

  constructor(settings: TestBackendSettings) {
    this.#settings = settings;
  }

  /** A cookie that a request carries, or would carry if a browser had sent it. */
  read(request: Request, name: string): string | undefined {
    const header = request.headers.get('cookie');
    if (header !== null) return readHeader(header, name);
    return carriesCookies(request) ? this.#cookies.get(name) : undefined;
  }

  remove(name: string): void {
    this.#cookies.delete(name);
  }

  /** Keeps a cookie as a browser would: only an `HttpOnly` one is out of the reach of scripts. */
  keep(name: string, value: string, { httpOnly }: { httpOnly: boolean }): void {
    if (!this.#settings.cookieJar) return;
    this.#cookies.set(name, value);
    // biome-ignore lint/suspicious/noDocumentCookie: where applications read it
    if (!httpOnly && globalThis.document) globalThis.document.cookie = `${name}=${value}; path=/`;
  }
}

function readHeader(header: string, name: string): string | undefined {
  const pairs = header.split(/; */).map((pair) => pair.split(/=(.*)/s, 2) as [string, string]);
  return pairs.find(([known]) => known === name)?.[1];
}

/** As `credentials` says: to other origins a browser sends, and takes, cookies only if told to. */
export function carriesCookies({ credentials, url }: Request): boolean {
  const here = globalThis.location?.origin;
  if (credentials === 'omit') return false;
  return credentials === 'include' || !here || here === new URL(url).origin;
}
