import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createTestBackend, type TestBackend } from 'unexpired/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newContext } from '../support/browser.ts';
import { serve } from '../support/http.ts';
import { blockOf, writeSnippets } from '../support/snippets.ts';
import { bundlePage } from './tabs/bundle.ts';

interface Guide {
  page: string;
  /**
   * The script of the application. It imports snippets by their file names, and exposes what the test uses on
   * `window.app`.
   */
  script: string;
  /** The origin of the API. */
  base?: string;
}

/** An application in a browser, made of a page's snippets, as a reader would copy them. */
async function open({
  page,
  script,
  base = '',
}: Guide): Promise<{ page: Page; server: TestBackend; origin: string }> {
  // Inside the package, so that it can be imported by its own name.
  const folder = mkdtempSync(join(import.meta.dirname, 'guide-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeSnippets(page, folder);
  writeFileSync(join(folder, 'app.ts'), script);
  const application = await bundlePage(join(folder, 'app.ts'), ['/', '/orders', '/login']);
  const server = createTestBackend({ accessLifetime: 60_000, refreshLifetime: 3_600_000 });
  const origin = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    return application(pathname) ?? server.fetch(new Request(request.url.replace(`${base}/`, '/'), request));
  });
  const context = await newContext();
  const opened = await context.newPage();
  await opened.goto(`${origin}/orders`);
  return { page: opened, server, origin };
}

const run = <T>(page: Page, code: string): Promise<T> => page.evaluate(code) as Promise<T>;

const README: Guide = {
  page: 'README.md',
  script: `
    import { api } from './api';
    import { logIn } from './login';
    import { session } from './session';
    window.app = { api, logIn, session };`,
};

/** Does not wait for the result, because the login opens another page, which ends this evaluation. */
const logIn = (page: Page) => run(page, `void app.logIn('kevin', 'open-sesame')`);

describe('the three files of the README', () => {
  it('log in, refresh once for three orders, open the login page when the session has ended, and return', async () => {
    const { page, server } = await open(README);
    await logIn(page);
    await page.waitForURL('**/');
    server.expireAccessTokens();
    const statuses = await run(
      page,
      `Promise.all([1, 2, 3].map(async () => (await app.api.get('/order/')).status))`,
    );
    expect(statuses).toEqual([200, 200, 200]);
    expect(server.stats).toMatchObject({ logins: 1, refreshes: 1, ordersOk: 3 });

    await page.goto(`${new URL(page.url()).origin}/orders?page=2`);
    server.revoke();
    await run(page, `void app.api.get('/order/').catch(() => {})`);
    await page.waitForURL('**/login?returnTo=%2Forders%3Fpage%3D2');
    await logIn(page);
    await page.waitForURL('**/orders?page=2');
    expect(server.stats).toMatchObject({ logins: 2, refreshFailures: 1 });
  });
});

describe('the login page of the README', () => {
  it('reports a wrong password, in any form that the backend sends it, and other errors', async () => {
    const { page, server } = await open(README);
    const logIn = () => run(page, `app.logIn('kevin', 'guessed')`);
    expect(await logIn()).toBe('Wrong name or password');
    server.failNext('login', { status: 401 });
    expect(await logIn()).toBe('Wrong name or password');
    server.failNext('login', { status: 503 });
    expect(await logIn()).toBe('Something went wrong: try again later');
    expect(server.stats).toMatchObject({ logins: 0, requests: 3 });
  });
});

describe('the guide for axios', () => {
  const AXIOS: Guide = {
    page: 'docs/axios.md',
    base: '/api',
    script: `
      import axios from 'axios';
      import { attachSession } from 'unexpired/axios';
      import { session } from './session-with-dialog';
      document.body.innerHTML = ${JSON.stringify(blockOf('docs/axios.md', 'html'))};
      const api = axios.create({ baseURL: '/api' });
      attachSession(api, session, { exclude: ['/login/'] });
      const answer = async () => (await api.post('/login/', { username: 'kevin', password: 'open-sesame' })).data;
      window.app = { session, api, answer };`,
  };

  it('holds requests while the dialog is open, asks until the password is correct, and then sends the requests', async () => {
    const { page, server } = await open(AXIOS);
    await run(page, `app.answer().then((answer) => app.session.signIn(answer))`);
    server.revoke();
    const order = run(page, `app.api.get('/order/').then(({ status }) => status)`);
    await page.getByLabel('Name').fill('kevin');
    await page.getByLabel('Password').fill('guessed');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('Wrong name or password').waitFor();
    expect(await run(page, 'app.session.status')).toBe('signed-in');
    await page.getByLabel('Password').fill('open-sesame');
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await order).toBe(200);
    expect(await page.getByRole('dialog').isVisible()).toBe(false);
    expect(server.stats).toMatchObject({ ordersOk: 1, refreshFailures: 1, logins: 2, loginFailures: 1 });
  });

  it.each([
    ['its button', (page: Page) => page.getByRole('button', { name: 'Cancel' }).click()],
    ['Escape', (page: Page) => page.keyboard.press('Escape')],
  ])('ends the session if the dialog is cancelled, by %s', async (_, cancel) => {
    const { page, server } = await open(AXIOS);
    await run(page, `app.answer().then((answer) => app.session.signIn(answer))`);
    server.revoke();
    await run(page, `void app.api.get('/order/').catch(() => {})`);
    await page.getByRole('dialog').waitFor();
    await cancel(page);
    await page.waitForURL('**/login?returnTo=%2Forders');
  });
});

const MIGRATION: Guide = {
  page: 'docs/migration.md',
  script: `
    import { createSession, envelopeBackend, localStorageStore } from 'unexpired';
    import { backend as fromAuthRefresh } from './backend';
    import { backend as fromAxiosJwt } from './from-axios-jwt';
    import { existing, removeExisting } from './existing';
    const make = (options) => createSession({ backend: envelopeBackend({ url: '/update_token/' }), ...options });
    const ask = (backend) =>
      backend.refresh({ accessToken: 'a', refreshToken: 'r' }, {}).catch(({ code, message }) => code ?? message);
    window.app = { make, existing, removeExisting, localStorageStore, ask, fromAuthRefresh, fromAxiosJwt };`,
};

describe('the migration guide', () => {
  it('three tabs restored together use the tokens of your own interceptor with one refresh', async () => {
    const { page, server } = await open(MIGRATION);
    await logInByHand(page, ({ refresh_token }) => ({ token: '', refresh_token }));
    const others = await Promise.all([1, 2].map(() => page.context().newPage()));
    await Promise.all(others.map((other) => other.goto(page.url())));
    const restore = `(async () => {
      const session = app.make({ store: app.localStorageStore(), existing: app.existing });
      await session.ready;
      if (session.status !== 'restoring') app.removeExisting();
      await session.getAccessToken();
      return session.status;
    })()`;
    const pages = [page, ...others];
    expect(await Promise.all(pages.map((tab) => run(tab, restore)))).toEqual(pages.map(() => 'signed-in'));
    expect(await run(page, 'Object.keys(localStorage)')).toEqual(['unexpired']);
    expect(server.stats).toMatchObject({ logins: 1, refreshes: 1, refreshFailures: 0 });
  });

  it('uses the tokens that axios-jwt stored under its key', async () => {
    const { page, server } = await open(MIGRATION);
    const key = 'auth-tokens-production';
    await logInByHand(page, ({ token, refresh_token }) => ({
      'auth-tokens-production': JSON.stringify({ accessToken: token, refreshToken: refresh_token }),
    }));
    const status = await run(
      page,
      `(async () => {
        const session = app.make({ store: app.localStorageStore({ key: '${key}' }) });
        await session.ready;
        await session.refresh();
        return session.status;
      })()`,
    );
    expect(status).toBe('signed-in');
    expect(server.stats).toMatchObject({ logins: 1, refreshes: 1 });
  });
});

describe('the backends in the migration guide', () => {
  it.each([
    ['fromAuthRefresh', '/auth/refresh', { access: 'b', refresh: 's' }, [401]],
    ['fromAxiosJwt', '/auth/refresh_token', { access_token: 'b', refresh_token: 's' }, [401, 422]],
  ])(
    '%s sends JSON, reads the response, and distinguishes a refusal from a fault',
    async (name, path, json, refusals) => {
      const { page } = await open(MIGRATION);
      const seen: unknown[] = [];
      let status = 200;
      await page.route(`**${path}`, (route) => {
        const { 'content-type': type } = route.request().headers();
        seen.push([type, route.request().postDataJSON()]);
        return route.fulfill({ status, json });
      });
      const ask = () => run(page, `app.ask(app.${name})`);
      expect(await ask()).toEqual({ accessToken: 'b', refreshToken: 's' });
      expect(seen).toEqual([['application/json', { token: 'r' }]]);
      for (status of refusals) expect(await ask()).toBe('refresh_rejected');
      status = 503;
      expect(await ask()).toBe('status 503');
    },
  );
});

/** Like the old code. `stored`: what that code kept in localStorage. */
async function logInByHand(
  page: Page,
  stored: (data: { token: string; refresh_token: string }) => Record<string, string>,
): Promise<void> {
  const data = await page.evaluate(async () => {
    const body = JSON.stringify({ username: 'kevin', password: 'open-sesame' });
    return (await (await fetch('/login/', { method: 'POST', body })).json()).data;
  });
  await page.evaluate((entries) => Object.assign(localStorage, entries), stored(data));
}
