import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { createTestBackend, type TestBackend, type TestBackendOptions } from 'unexpired/testing';
import { serve } from '../../support/http.ts';
import { bundlePage } from './bundle.ts';
import type {} from './page.ts';

export interface ServedTabs {
  origin: string;
  server: TestBackend;
  /** Holds the responses for this path until they are released; the server still processes the requests. */
  holdAnswers(path: string): void;
  releaseAnswers(): void;
}

function createGate(path: string) {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { path, open, opened };
}

/**
 * A server with strict rotation over real HTTP, and a page with a user's application, bundled from the built package.
 */
export async function serveTabs(options: TestBackendOptions = {}): Promise<ServedTabs> {
  const server = createTestBackend({
    accessLifetime: 60_000,
    refreshLifetime: 3_600_000,
    rotation: 'strict',
    ...options,
  });
  const page = await bundlePage(join(import.meta.dirname, 'page.ts'));
  let gate: ReturnType<typeof createGate> | undefined;
  const held = async (pathname: string, response: Response) => {
    if (pathname === gate?.path) await gate.opened;
    return response;
  };
  const origin = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith('/cookie/')) return overCookie(request, server);
    return page(pathname) ?? held(pathname, await server.fetch(request));
  });
  return {
    origin,
    server,
    holdAnswers: (path) => void (gate = createGate(path)),
    releaseAnswers: () => gate?.open(),
  };
}

export async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'tab' in window);
  return page;
}

/** The same server, but the refresh token is in a cookie that scripts cannot read. */
async function overCookie(request: Request, server: TestBackend): Promise<Response> {
  const isLogin = request.url.endsWith('/login');
  const cookie = /refresh=([^;]+)/.exec(request.headers.get('cookie') ?? '')?.[1];
  const answer = await server.fetch(
    new Request(new URL(isLogin ? '/login/' : '/update_token/', request.url), {
      method: 'POST',
      headers: cookie && !isLogin ? { RefreshAuthorization: cookie } : {},
      ...(isLogin && { body: await request.text() }),
    }),
  );
  const { data } = (await answer.json()) as { data?: { token: string; refresh_token: string } };
  if (!data) return new Response('{"detail":"refused"}', { status: 401 });
  return new Response(JSON.stringify({ access_token: data.token, expires_in: 60 }), {
    headers: { 'Set-Cookie': `refresh=${data.refresh_token}; HttpOnly; SameSite=Strict; Path=/cookie` },
  });
}
