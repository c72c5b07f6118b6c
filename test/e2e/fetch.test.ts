import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newContext } from '../support/browser.ts';
import { serve } from '../support/http.ts';
import type { Question } from './fetch/ask.ts';
import { bundlePage } from './tabs/bundle.ts';

/** What a server receives in a call. */
interface Seen {
  path: string;
  headers: Record<string, string>;
  body: string;
}

interface Site {
  origin: string;
  seen: Seen[];
}

const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Headers': 'Authorization, X-Token',
};

/** A host that allows all other origins, and records what it receives. */
async function serveForeign(): Promise<Site> {
  const seen: Seen[] = [];
  const origin = await serve(async (request) => {
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: CORS });
    seen.push(await note(request));
    return new Response('foreign', { headers: CORS });
  });
  return { origin, seen };
}

/** The page's own host. It refuses the token `old`. */
async function serveHome(foreign: string): Promise<Site> {
  const seen: Seen[] = [];
  const page = await bundlePage(join(import.meta.dirname, 'fetch/page.ts'));
  const origin = await serve(async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    const file = page(pathname);
    if (file) return file;
    if (pathname === '/favicon.ico') return new Response(null, { status: 404 });
    if (pathname === '/refresh') return Response.json({ accessToken: 'new' });
    const call = await note(request);
    seen.push(call);
    if (
      [call.headers.authorization, call.headers['x-token'], searchParams.get('token')].join().includes('old')
    )
      return new Response('refused', { status: 401 });
    if (pathname === '/away') return Response.redirect(`${foreign}/landed`, 307);
    if (pathname === '/moved') return Response.redirect(new URL('/here', request.url), 308);
    return new Response(call.body || 'home');
  });
  return { origin, seen };
}

async function note(request: Request): Promise<Seen> {
  const { pathname, search } = new URL(request.url);
  return {
    path: pathname + search,
    headers: Object.fromEntries(request.headers),
    body: await request.text(),
  };
}

async function setUp() {
  const foreign = await serveForeign();
  const home = await serveHome(foreign.origin);
  const page = await (await newContext()).newPage();
  await page.goto(home.origin);
  await page.waitForFunction(() => 'ask' in window);
  const ask = (question: Question) => page.evaluate((question) => window.ask(question as Question), question);
  return { home, foreign, ask };
}

const CUSTOM = { header: 'X-Token', scheme: '' };

describe('session fetch in Chromium, over HTTP/1.1', () => {
  it('follows a redirect on the same origin with the token', async () => {
    const { home, ask } = await setUp();
    expect(await ask({ url: '/moved' })).toBe('200 home');
    const paths = home.seen.map(({ path, headers }) => [path, headers.authorization]);
    expect(paths).toEqual([
      ['/moved', 'Bearer old'],
      ['/moved', 'Bearer new'],
      ['/here', 'Bearer new'],
    ]);
  });

  it('follows a redirect to another origin without the token', async () => {
    const { foreign, ask } = await setUp();
    expect(await ask({ url: '/away' })).toBe('200 foreign');
    expect(foreign.seen).toHaveLength(1);
    expect(JSON.stringify(foreign.seen)).not.toMatch(/old|new/);
  });

  it.each([false, true])(
    'follows no redirect to another origin if the token is in another header (as a Request: %j)',
    async (asRequest) => {
      const { home, foreign, ask } = await setUp();
      expect(await ask({ url: '/away', carry: CUSTOM, asRequest })).toBe('TypeError');
      expect(await ask({ url: '/moved', carry: CUSTOM, asRequest })).toBe('TypeError');
      expect(await ask({ url: '/here', carry: CUSTOM, asRequest })).toBe('200 home');
      expect(foreign.seen).toEqual([]);
      expect(home.seen.at(-1)!.headers['x-token']).toBe('new');
    },
  );

  it('follows a redirect to another origin with the token if the call asks for it', async () => {
    const { foreign, ask } = await setUp();
    const init: RequestInit = { redirect: 'follow' };
    expect(await ask({ url: '/away', carry: CUSTOM, init })).toBe('200 foreign');
    expect(foreign.seen[0]!.headers['x-token']).toBe('new');
  });

  it.each([
    ['the header', undefined],
    ['the query', { query: 'token' }],
  ])('sends a Request with a body again, with the token in %s', async (_, carry) => {
    const { home, ask } = await setUp();
    const init = { method: 'POST', body: '{"a":1}', headers: { 'Content-Type': 'application/json' } };
    expect(await ask({ url: '/echo', init, asRequest: true, ...(carry && { carry }) })).toBe('200 {"a":1}');
    expect(home.seen.map(({ body, headers }) => [body, headers['content-type']])).toEqual([
      ['{"a":1}', 'application/json'],
      ['{"a":1}', 'application/json'],
    ]);
  });
});
