import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newContext, watchComplaints } from '../support/browser.ts';
import { CHROMIUM_ARGS, chromiumPath } from '../support/chromium.ts';
import type { Changes } from './admin/build.ts';
import { type AdminServer, serveAdmin } from './admin/server.ts';

/** An application made from an admin template, whose session code is that of docs/admin-templates.md. */
class Visitor {
  constructor(
    readonly page: Page,
    readonly server: AdminServer,
  ) {
    page.setDefaultTimeout(7_000);
  }

  open = (path: string) => this.page.goto(this.server.origin + path);
  heading = (text: string) => this.page.getByRole('heading', { name: text, exact: true }).waitFor();
  says = (text: string) => this.page.getByText(text, { exact: true }).waitFor();
  click = (name: string) => this.page.getByRole('button', { name }).click();
  toasts = () => this.page.locator('#toasts p').allTextContents();
  path = () => this.page.url().slice(this.server.origin.length);
  calls = (path: string) => this.server.seen.filter((call) => call.path === path).length;

  async signIn(name = 'kevin', password = 'open-sesame', { remember = false } = {}): Promise<void> {
    await this.heading('Sign in');
    await this.page.getByLabel('Name').fill(name);
    await this.page.getByLabel('Password').fill(password);
    if (remember) await this.page.getByLabel('Remember me').check();
    await this.click('Sign in');
  }

  /** Signs in and opens the page of the orders. */
  async enter(): Promise<void> {
    await this.open('/orders');
    await this.signIn();
    await this.heading('Orders');
  }
}

async function visit(changes: Changes = {}, browser: 'pages' | 'tabs' = 'pages'): Promise<Visitor> {
  const server = await serveAdmin(changes);
  return new Visitor(await (await newContext(browser)).newPage(), server);
}

async function anotherTab({ page, server }: Visitor): Promise<Visitor> {
  return new Visitor(await page.context().newPage(), server);
}

/** The documents that the page loads after this call. */
function watchDocuments({ page, server }: Visitor): string[] {
  const paths: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'document') paths.push(request.url().slice(server.origin.length));
  });
  return paths;
}

describe('an admin application with the code of docs/admin-templates.md', () => {
  it('adds the user’s routes after the sign-in, and opens the requested page', async () => {
    const admin = await visit();
    const complaints = watchComplaints(admin.page);
    await admin.open('/orders?page=2');
    await admin.signIn();
    await admin.heading('Orders');
    expect(admin.path()).toBe('/orders?page=2');
    await admin.says('Hello Kevin');
    expect(admin.calls('/api/user/info')).toBe(1);
    expect(await admin.toasts()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it('shows a wrong password on the login page, without a toast', async () => {
    const admin = await visit();
    await admin.open('/');
    await admin.signIn('kevin', 'guessed');
    await expect.poll(() => admin.page.getByRole('alert').textContent()).toContain('SessionError');
    expect([admin.path(), await admin.toasts()]).toEqual(['/login?returnTo=/', []]);
  });

  it('opens a dynamic route after a reload', async () => {
    const admin = await visit();
    await admin.enter();
    await admin.page.reload();
    await admin.heading('Orders');
    await admin.says('Hello Kevin');
    expect(admin.path()).toBe('/orders');
    expect(admin.calls('/login/')).toBe(1);
  });

  it('opens the requested page if a signed-in user opens the login page', async () => {
    const admin = await visit();
    await admin.enter();
    await admin.open('/login?returnTo=/orders%3Fpage=2');
    await admin.heading('Orders');
    expect(admin.path()).toBe('/orders?page=2');
  });

  it('refreshes once for twenty requests with an expired token that are refused with HTTP 200', async () => {
    const admin = await visit();
    await admin.enter();
    admin.server.backend.expireAccessTokens();
    await admin.click('Load twenty');
    await admin.says('20 shown, 0 failed');
    expect(admin.server.backend.stats).toMatchObject({ refreshes: 1, refreshFailures: 0 });
    expect(await admin.toasts()).toEqual([]);
  });

  it('stays signed in if the user info fails with a 500, shows a button, and does not retry by itself', async () => {
    const admin = await visit();
    await admin.enter();
    admin.server.seen.length = 0;
    admin.server.backend.fail('order', { status: 500 });
    await admin.page.reload();
    await admin.heading('The server has a problem');
    await admin.page.waitForTimeout(300);
    expect(admin.calls('/api/user/info')).toBe(1);
    expect(await admin.toasts()).toEqual(['Request failed with status code 500']);
    admin.server.backend.fail('order', null);
    await admin.click('Try again');
    await admin.heading('Orders');
    expect([admin.path(), admin.calls('/login/')]).toEqual(['/orders', 0]);
  });

  it.each(['while the page is open', 'while the user info is loaded'])(
    'opens the login page once and returns if the refresh token is refused %s',
    async (when) => {
      const admin = await visit();
      await admin.enter();
      admin.server.backend.revoke();
      const documents = watchDocuments(admin);
      if (when === 'while the page is open') await admin.click('Load twenty');
      else await admin.open('/orders');
      await admin.heading('Sign in');
      expect(await admin.toasts()).toEqual([]);
      await admin.signIn();
      await admin.heading('Orders');
      expect(documents.filter((path) => path !== '/orders')).toEqual(['/login?returnTo=%2Forders']);
      expect(admin.server.backend.stats).toMatchObject({ refreshFailures: 1, logins: 2 });
    },
  );

  it('shows one toast if twenty requests wait for a refresh that fails with a 503, and stays signed in', async () => {
    const admin = await visit();
    await admin.enter();
    admin.server.backend.expireAccessTokens();
    admin.server.backend.fail('refresh', { status: 503 });
    await admin.click('Load twenty');
    await admin.says('0 shown, 20 failed');
    expect(await admin.toasts()).toEqual(['No connection: try again later']);
    await admin.says('Hello Kevin');
  });

  it('tells the server about a sign-out with the refresh token, and removes the routes', async () => {
    const admin = await visit();
    await admin.enter();
    const { refreshToken } = await admin.page.evaluate(() => JSON.parse(localStorage.getItem('unexpired')!));
    await admin.click('Sign out');
    await admin.heading('Sign in');
    expect(admin.path()).toBe('/login');
    await expect.poll(() => admin.calls('/logout/')).toBe(1);
    const { body } = admin.server.seen.find(({ path }) => path === '/logout/')!;
    expect(JSON.parse(body)).toEqual({ refresh_token: refreshToken });
    expect(admin.server.backend.log.at(-1)).toMatchObject({ endpoint: 'logout', status: 200 });
    await admin.signIn('ann', 'open-barley');
    await admin.says('Hello Ann');
    await admin.open('/orders');
    await admin.heading('Not found');
  });

  /** Twenty requests that wait for a refresh. */
  async function waiting(): Promise<[Visitor, () => void]> {
    const admin = await visit();
    await admin.enter();
    const { backend } = admin.server;
    const calls = backend.called('refresh');
    backend.expireAccessTokens();
    const release = backend.hold('refresh');
    await admin.click('Load twenty');
    await calls;
    return [admin, release];
  }

  it('shows no toast for waiting requests when the user signs out', async () => {
    const [admin, release] = await waiting();
    await admin.page.evaluate(() => {
      const toasts = document.querySelector('#toasts')!;
      new MutationObserver(() => sessionStorage.setItem('toasts', toasts.textContent!)).observe(toasts, {
        childList: true,
      });
    });
    await admin.click('Sign out');
    await admin.heading('Sign in');
    release();
    expect(await admin.page.evaluate(() => sessionStorage.getItem('toasts'))).toBe(null);
    await expect
      .poll(() => admin.server.backend.log.at(-1))
      .toMatchObject({ endpoint: 'logout', status: 200 });
  });

  it('shows no toast for requests that are cancelled when the user leaves their page', async () => {
    const [admin, release] = await waiting();
    await admin.page.getByRole('link', { name: 'Dashboard' }).click();
    await admin.heading('Dashboard');
    release();
    await admin.page.getByRole('link', { name: 'Orders' }).click();
    await admin.click('Load twenty');
    await admin.says('20 shown, 0 failed');
    expect(await admin.toasts()).toEqual([]);
  });

  it('signs out in every tab, and shows the pages of a user who signs in in another tab', async () => {
    const one = await visit({}, 'tabs');
    await one.enter();
    const other = await anotherTab(one);
    await other.open('/orders');
    await other.says('Hello Kevin');
    await one.click('Sign out');
    await other.heading('Sign in');
    expect(other.path()).toBe('/login?returnTo=%2Forders');
    await one.signIn('ann', 'open-barley');
    await one.says('Hello Ann');
    await other.says('Hello Ann');
    await other.heading('Not found');
    expect(await other.toasts()).toEqual([]);
  });
});

describe('with createWebHashHistory and open-login.ts', () => {
  const HASH: Changes = {
    'router.ts': { createWebHistory: 'createWebHashHistory' },
    'session.ts': {
      'import { createSession': "import { openLogin } from './open-login';\nimport { createSession",
      "loginRedirect({ to: '/login' })": 'openLogin',
    },
    // As docs/vue.md says.
    'login.ts': { 'location.search': "location.hash.slice(location.hash.indexOf('?'))" },
  };

  it('returns after a session has ended, but not after a sign-out', async () => {
    const admin = await visit(HASH);
    await admin.open('/#/orders?page=2');
    await admin.signIn();
    await admin.heading('Orders');
    admin.server.backend.revoke();
    const documents = watchDocuments(admin);
    await admin.click('Load twenty');
    await admin.heading('Sign in');
    expect([admin.path(), documents.length]).toEqual(['/#/login?returnTo=/orders?page=2', 1]);
    await admin.signIn();
    await admin.heading('Orders');
    expect(admin.path()).toBe('/#/orders?page=2');
    await admin.click('Sign out');
    await admin.heading('Sign in');
    expect([admin.path(), documents.length]).toEqual(['/#/login', 2]);
    await admin.signIn('ann', 'open-barley');
    await admin.says('Hello Ann');
  });
});

describe('with cookie-store.ts', () => {
  const COOKIE: Changes = {
    'session.ts': {
      'import { createSession': "import { cookieStore } from './cookie-store';\nimport { createSession",
      'localStorageStore()': 'cookieStore',
    },
  };

  it('stays signed in after a reload, refreshes once for two tabs, and ends with the sign-out', async () => {
    const admin = await visit(COOKIE, 'tabs');
    await admin.enter();
    const other = await anotherTab(admin);
    await other.open('/orders');
    await other.says('Hello Kevin');
    admin.server.backend.expireAccessTokens();
    await Promise.all([admin.click('Load twenty'), other.click('Load twenty')]);
    await Promise.all([admin.says('20 shown, 0 failed'), other.says('20 shown, 0 failed')]);
    expect(admin.server.backend.stats).toMatchObject({ refreshes: 1, refreshFailures: 0, reuses: 0 });
    await admin.page.reload();
    await admin.says('Hello Kevin');
    await admin.click('Sign out');
    await other.heading('Sign in');
    await other.page.reload();
    await other.heading('Sign in');
  });

  it('sends both tokens to the server with every request', async () => {
    const admin = await visit(COOKIE);
    await admin.enter();
    const cookie = decodeURIComponent(admin.server.seen.at(-1)!.cookie);
    expect(cookie).toContain('"accessToken":"');
    expect(cookie).toContain('"refreshToken":"');
  });

  it('cannot store more than 4096 bytes: the browser drops a larger cookie without an error', async () => {
    const admin = await visit(COOKIE);
    await admin.open('/');
    /** The length of the name and the value that the browser has stored. */
    const write = (bytes: number) =>
      admin.page.evaluate((length) => {
        // biome-ignore lint/suspicious/noDocumentCookie: as js-cookie writes it
        document.cookie = `big=${'x'.repeat(length - 'big'.length)}`;
        return document.cookie.replace('=', '').length;
      }, bytes);
    expect([await write(4_097), await write(4_096)]).toEqual([0, 4_096]);
  });
});

/** A browser with a profile on the disk, so that closing it is like closing a user's browser. */
async function openBrowser(profile: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    args: CHROMIUM_ARGS,
  });
  onTestFinished(() => context.close());
  return context;
}

describe('with until-closed.ts', () => {
  const CHANGES: Changes = {
    'main.ts': { "import './permission'": "import './until-closed';\nimport './permission'" },
    'note-sign-in.ts': {
      'export function noteSignIn(_days?: number): void {}': "export { noteSignIn } from './until-closed';",
    },
  };

  async function closeAndOpen(remember: boolean): Promise<Visitor> {
    const server = await serveAdmin(CHANGES);
    const profile = mkdtempSync(join(tmpdir(), 'admin-'));
    onTestFinished(() => rmSync(profile, { recursive: true, force: true }));
    const first = await openBrowser(profile);
    const before = new Visitor(await first.newPage(), server);
    await before.open('/orders');
    await before.signIn('kevin', 'open-sesame', { remember });
    await before.heading('Orders');
    const other = await anotherTab(before);
    await other.open('/orders');
    await other.says('Hello Kevin');
    await before.page.reload();
    await before.says('Hello Kevin');
    await first.close();
    return new Visitor(await (await openBrowser(profile)).newPage(), server);
  }

  it('signs the user out when the browser is closed, and tells the server', async () => {
    const admin = await closeAndOpen(false);
    await admin.open('/orders');
    await admin.heading('Sign in');
    await expect
      .poll(() => admin.server.backend.log.at(-1))
      .toMatchObject({ endpoint: 'logout', status: 200 });
    expect(await admin.page.evaluate(() => localStorage.getItem('unexpired'))).toBe(null);
    expect(await admin.toasts()).toEqual([]);
  });

  it('keeps a user signed in who chose to be remembered', async () => {
    const admin = await closeAndOpen(true);
    await admin.open('/orders');
    await admin.says('Hello Kevin');
    expect(admin.calls('/logout/')).toBe(0);
  });
});
