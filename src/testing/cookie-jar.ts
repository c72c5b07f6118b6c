import type { TestBackendSettings } from './settings.js';

/** Reads cookies from the `Cookie` header, or, if the caller sends no such header, from the cookies stored here. */
export class CookieJar {
  readonly #settings: TestBackendSettings;
  readonly #cookies = new Map<string, string>();

  constructor(settings: TestBackendSettings) {
    this.#settings = settings;
  }

  /** Returns a cookie that the request carries, or would carry if a browser sent it. */
  read(request: Request, name: string): string | undefined {
    const header = request.headers.get('cookie');
    if (header !== null) return readHeader(header, name);
    return carriesCookies(request) ? this.#cookies.get(name) : undefined;
  }

  remove(name: string): void {
    this.#cookies.delete(name);
  }

  /** Stores a cookie like a browser: scripts can read it, unless it is `HttpOnly`. */
  store(name: string, value: string, { httpOnly }: { httpOnly: boolean }): void {
    if (!this.#settings.cookieJar) return;
    this.#cookies.set(name, value);
    // biome-ignore lint/suspicious/noDocumentCookie: applications read the cookie there
    if (!httpOnly && globalThis.document) globalThis.document.cookie = `${name}=${value}; path=/`;
  }
}

function readHeader(header: string, name: string): string | undefined {
  const pairs = header.split(/; */).map((pair) => pair.split(/=(.*)/s, 2) as [string, string]);
  return pairs.find(([known]) => known === name)?.[1];
}

/** Whether a browser sends and accepts cookies for this request: for another origin, only with `credentials: 'include'`. */
export function carriesCookies({ credentials, url }: Request): boolean {
  const pageOrigin = globalThis.location?.origin;
  if (credentials === 'omit') return false;
  return credentials === 'include' || !pageOrigin || pageOrigin === new URL(url).origin;
}
