import { HttpResponse, http } from 'msw';
import { onTestFinished } from 'vitest';
import { network } from '#network';
import type { Session } from '../../src/index.js';
import { ORIGIN } from './app.js';

/** A client's request, as the server sees it. */
export interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** The server accepts only the token `new`. */
export const GOOD = 'Bearer new';

/** The states of a session at the start of a request. */
export const STATES = ['fresh', 'stale', 'refused'] as const;
export type State = (typeof STATES)[number];

const TOKENS = {
  fresh: { accessToken: 'new', refreshToken: 'r' },
  stale: { accessToken: 'old', refreshToken: 'r', expiresAt: 1 },
  refused: { accessToken: 'old', refreshToken: 'r' },
};

export async function signIn(session: Session, state: State): Promise<void> {
  await session.signIn(TOKENS[state]);
}

const bytes = (length: number) => new Uint8Array(length).fill(65);

const answers: Record<string, (request: Request, path: string) => Response | Promise<Response>> = {
  echo: async (request) =>
    HttpResponse.json({ method: request.method, length: (await request.text()).length }),
  text: () => HttpResponse.text('plain ä'),
  empty: () => new HttpResponse(null, { status: 204 }),
  bytes: () => HttpResponse.arrayBuffer(bytes(10_000).buffer, { headers: { 'Content-Length': '10000' } }),
  broken: () => new HttpResponse('{"a":', { headers: { 'Content-Type': 'application/json' } }),
  form: () => {
    const text = '--b\r\nContent-Disposition: form-data; name="name"\r\n\r\nkevin\r\n--b--\r\n';
    return new HttpResponse(text, { headers: { 'Content-Type': 'multipart/form-data; boundary=b' } });
  },
  status: (_, path) =>
    HttpResponse.json({ why: path }, { status: Number(path), headers: { 'X-Answer': 'yes' } }),
  redirect: () => HttpResponse.redirect(`${ORIGIN}/echo`, 302),
  lost: () => HttpResponse.error(),
  slow: async () => {
    await ended.promise;
    return new Response();
  },
};

/** Ends slow responses, because msw waits for its handlers when it stops. */
let ended = Promise.withResolvers<void>();

/** A server that refuses all tokens except the valid one. Returns what it receives. */
export function createServer(): Sent[] {
  const sent: Sent[] = [];
  const { resolve } = (ended = Promise.withResolvers<void>());
  onTestFinished(() => resolve());
  network.use(
    http.all(`${ORIGIN}/*`, async ({ request }) => {
      const { method, url } = request;
      const [, kind = '', path = ''] = new URL(url).pathname.split('/');
      // A request that its test cancelled may arrive during the next test.
      if (kind === 'slow') return answers.slow!(request, path);
      const body = await request.clone().text();
      sent.push({ method, url, headers: Object.fromEntries(request.headers), body });
      const token = request.headers.get('authorization') ?? '';
      if (token === 'Bearer old') return HttpResponse.json({ refused: true }, { status: 401 });
      return answers[kind]!(request, path);
    }),
  );
  return sent;
}

/** The requests without the parts that may differ: the token, and the random boundary of a multipart body. */
export function comparable(sent: Sent[]): unknown[] {
  return sent.map(({ headers: { authorization, ...headers }, ...rest }) => {
    const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1];
    const inBody = /^--(\S+)/.exec(rest.body)?.[1];
    let text = JSON.stringify({ ...rest, headers, isBasic: authorization?.startsWith('Basic') });
    for (const random of [boundary, inBody]) text = random ? text.replaceAll(random, 'boundary') : text;
    return JSON.parse(text);
  });
}

/** The content of a body of any type. */
export async function contentOf(data: unknown): Promise<unknown> {
  if (data === null || typeof data !== 'object') return data;
  if (data instanceof FormData) return [...data];
  if (
    data instanceof Blob ||
    data instanceof ArrayBuffer ||
    ArrayBuffer.isView(data) ||
    data instanceof ReadableStream
  )
    return [data.constructor.name, await new Response(data as BodyInit).text()];
  if (Symbol.asyncIterator in data) {
    const parts: BlobPart[] = [];
    for await (const part of data as AsyncIterable<BlobPart>) parts.push(part);
    return ['stream', await new Blob(parts).text()];
  }
  return JSON.parse(JSON.stringify(data));
}

/** A request that was cancelled early may not have reached the server, so there is nothing to compare. */
export function isEndedEarly(result: unknown): boolean {
  const { name, code, message } = result as { name?: string; code?: string; message?: string };
  return /Abort|Timeout|Cancel|ECONNABORTED|ETIMEDOUT|mine/.test(`${name} ${code} ${message}`);
}
