import { assertKnown } from '../assert.js';
import type { TokenSet } from '../tokens/token-set.js';
import { type Carry, carriedBy } from './backend.js';
import type { Call } from './http.js';

/** Where a token is in a request: a field of a JSON body or of a form, a query parameter, or a header. */
export type TokenPlace =
  | { json: string }
  | { form: string }
  | { query: string }
  /** `scheme`: a word before the token. Bearer: `{ header: 'Authorization', scheme: 'Bearer' }` */
  | { header: string; scheme?: string };

/** Parameters of a form or a query. A list repeats its parameter. */
export type Parameters = Readonly<Record<string, string | readonly string[]>>;

/** @throws {TypeError} if the place has an unknown key, or if a request with this method has no such place. */
export function assertPlace(place: TokenPlace | undefined, method: string): void {
  assertKnown(place, 'json', 'form', 'query', 'header', 'scheme');
  if (method === 'GET' && place && !('query' in place || 'header' in place))
    throw new TypeError('"refreshToken" of a GET must be { query } or { header }, as a GET has no body');
}

/** The method of a request. The browser must not answer a GET from its cache. */
export function callBy(method: string): Call {
  return { method, ...(method === 'GET' && { cache: 'no-store' }) };
}

/**
 * Creates a request to `url` with a token at `place`. Adds the parameters `more` to the same form, query or JSON body; if the
 * token is in a header, to a JSON body, or to the query of a GET.
 */
export function callWith(
  place: TokenPlace,
  token: string,
  url: string,
  more: object = {},
  method?: string,
): Call {
  if ('form' in place) return { body: formOf({ ...more, [place.form]: token }) };
  if ('query' in place) return { url: withQuery(url, formOf({ ...more, [place.query]: token })) };
  if ('json' in place) return jsonOf({ ...more, [place.json]: token });
  const { header, scheme } = place;
  const sent = { [header]: scheme ? `${scheme} ${token}` : token };
  if (!Object.keys(more).length) return { headers: sent };
  if (method === 'GET') return { headers: sent, url: withQuery(url, formOf({ ...more })) };
  const { headers, body } = jsonOf(more);
  return { headers: { ...headers, ...sent }, body };
}

/** Adds the access token, if there is one, to a request to `url`. */
export function withAccessToken(carry: Carry, { accessToken }: TokenSet, url: string, call: Call): Call {
  const { headers, query } = accessToken ? carriedBy(carry, accessToken) : {};
  const address = call.url ?? url;
  return {
    ...call,
    headers: { ...headers, ...call.headers },
    url: query ? withQuery(address, new URLSearchParams(query)) : address,
  };
}

function withQuery(url: string, query: URLSearchParams): string {
  const [, address, fragment] = /([^#]*)(.*)/s.exec(url)!;
  return `${address}${url.includes('?') ? '&' : '?'}${query}${fragment}`;
}

export function formOf(parameters: Parameters): URLSearchParams {
  const pairs = Object.entries(parameters).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => [name, value] as [string, string]),
  );
  return new URLSearchParams(pairs);
}

export function jsonOf(value: object): { headers: Record<string, string>; body: string } {
  return { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
}
