import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { newContext } from '../support/browser.js';
import { command, type Demo, DemoPage, serverStats, startDemo } from './demo-driver.js';

let demo: Demo;
let visitor: DemoPage;

beforeEach(async () => {
  visitor = new DemoPage(await (await newContext()).newPage(), demo.url);
});
afterEach(() => expect(visitor.errors).toEqual([]));

describe('the demo, with its backend in the page', () => {
  beforeAll(async () => {
    demo = await startDemo();
  });
  afterAll(() => demo.stop());

  it('requests fifty orders with an expired token, and refreshes once', async () => {
    const { clock } = visitor.page;
    await clock.install();
    await visitor.enter();
    await clock.fastForward(10_000);
    await visitor.button('Fifty orders').click();

    await visitor.says('50 orders requested, 1 refresh, 51 HTTP calls. All were answered.');
    expect(await visitor.count('Refreshes')).toBe(1);
    expect(await visitor.count('Orders answered')).toBe(50);
    expect(visitor.calls('/update_token/')).toBe(1);
    expect(visitor.calls('/order/')).toBe(50);
    expect(await visitor.page.locator('.refresh.refreshed:not(.swatch)').count()).toBe(1);
    expect(await visitor.page.locator('.call.answered:not(.swatch)').count()).toBe(50);
  });

  it('sends fifty refused orders again after one refresh', async () => {
    await visitor.enter();
    await visitor.button('Expire now').click();
    await visitor.button('Fifty orders').click();

    await visitor.says(
      '50 orders requested, 1 refresh, 101 HTTP calls. All were answered; 50 were rejected at first',
    );
    expect(await visitor.count('Orders rejected')).toBe(50);
    expect(visitor.calls('/update_token/')).toBe(1);
  });

  it('opens the login form once when the refresh is refused, and comes back after the sign-in', async () => {
    await visitor.enter();
    await visitor.toggle('Refresh fails').check();
    await visitor.button('Expire now').click();
    await visitor.button('Fifty orders').click();

    await visitor.page.getByText('Your session has ended.').waitFor();
    expect(visitor.path()).toBe('/login?returnTo=%2Forders');
    await visitor.says(
      '50 orders requested, 1 rejected refresh, 51 HTTP calls. All failed: the session has ended.',
    );
    expect(visitor.calls('/update_token/')).toBe(1);
    expect(await visitor.events('Signed out: refresh_rejected')).toBe(1);
    expect(visitor.visited.filter((path) => path.startsWith('/login?'))).toHaveLength(1);

    await visitor.signIn();
    await visitor.button('One order').click();
    await visitor.says('1 order requested, 0 refreshes, 1 HTTP call. It was answered.');
    expect(visitor.path()).toBe('/orders');
  });

  it('asks for the password in a dialog, and then sends the waiting requests', async () => {
    await visitor.enter();
    await visitor.toggle('Sign in again in a dialog').check();
    await visitor.button('Sign out elsewhere').click();
    await visitor.button('Fifty orders').click();

    const dialog = visitor.page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    await visitor.says('Waiting for responses.');
    await visitor.signIn('wrong');
    await dialog.getByRole('alert').filter({ hasText: 'Wrong user or password.' }).waitFor();
    await visitor.signIn('open-sesame');
    await visitor.says(
      '50 orders requested, 1 rejected refresh, 101 HTTP calls. All were answered; 50 were rejected at first',
    );
    expect(visitor.path()).toBe('/orders');
    expect(await visitor.events('Signed out')).toBe(0);
    expect(await dialog.count()).toBe(0);
  });

  it('opens the login page if the dialog is cancelled', async () => {
    await visitor.enter();
    await visitor.toggle('Sign in again in a dialog').check();
    await visitor.button('Sign out elsewhere').click();
    await visitor.button('One order').click();
    await visitor.page.getByRole('dialog').waitFor();
    await visitor.page.keyboard.press('Escape');
    await visitor.page.getByText('Your session has ended.').waitFor();
    expect(visitor.path()).toBe('/login?returnTo=%2Forders');
    expect(await visitor.events('Signed out: refresh_rejected')).toBe(1);
  });

  it('keeps the session while the network is down, and continues when it is back', async () => {
    const { clock } = visitor.page;
    await clock.install();
    await visitor.enter();
    await visitor.toggle('Network down').check();
    await visitor.button('One order').click();
    await visitor.says('It failed: the backend cannot be reached. You are still signed in.');

    await clock.fastForward(10_000);
    await visitor.button('Fifty orders').click();
    await visitor.says('All failed: the token could not be refreshed. You are still signed in.');
    expect(visitor.path()).toBe('/orders');

    await visitor.toggle('Network down').uncheck();
    await visitor.button('Fifty orders').click();
    await visitor.says('50 orders requested, 1 refresh, 51 HTTP calls. All were answered.');
    expect(await visitor.count('Logins')).toBe(1);
  });

  it('asks the user to sign in again after a sign-out elsewhere', async () => {
    await visitor.enter();
    await visitor.button('Sign out elsewhere').click();
    await visitor.button('One order').click();
    await visitor.button('Sign in').waitFor();
    expect(visitor.path()).toBe('/login?returnTo=%2Forders');
  });

  it('reports a wrong password, and accepts the next one', async () => {
    await visitor.open();
    await visitor.signIn('wrong');
    await visitor.warns('Wrong user or password.');
    expect(visitor.path()).toBe('/login');

    await visitor.signIn('open-sesame');
    await visitor.button('Fifty orders').waitFor();
    expect(visitor.path()).toBe('/orders');
  });

  it('a deliberate sign-out adds no returnTo', async () => {
    await visitor.enter();
    await visitor.button('Sign out').first().click();
    await visitor.page.getByText('You are signed out.').waitFor();
    expect(visitor.path()).toBe('/login');
  });

  it('starts again on reset', async () => {
    await visitor.enter();
    await visitor.lifetimes('30 / 300').check();
    await visitor.button('One order').click();
    await visitor.says('1 order requested');
    await visitor.button('Reset').click();
    await visitor.says('No orders requested yet.');
    await expect.poll(() => visitor.count('HTTP calls')).toBe(0);
    expect(await visitor.lifetimes('10 / 60').isChecked()).toBe(true);
  });

  it('can be used with the keyboard alone', async () => {
    const { keyboard } = visitor.page;
    await visitor.open();
    await visitor.button('Sign in').waitFor();
    await focus('User');
    await focus('Password');
    await keyboard.press('Enter');
    await visitor.heading('Orders');

    await focus('Fifty orders');
    await keyboard.press('Enter');
    await visitor.says('50 orders requested, 0 refreshes, 50 HTTP calls.');
    await focus('10 / 60');
    await keyboard.press('ArrowRight');
    await expect.poll(() => visitor.lifetimes('30 / 300').isChecked()).toBe(true);
    await focus('Refresh fails');
    await keyboard.press('Space');
    await focus('Expire now');
    await keyboard.press('Space');
    await focus('One order');
    await keyboard.press('Enter');
    await visitor.page.getByText('Your session has ended.').waitFor();
    await focus('Password');
  });

  it.each([
    ['Vue', '/vue/', '/vue/login?returnTo=/'],
    ['React', '/react/', '/react/login?returnTo=%2Freact%2F'],
  ])('links to the %s app, which runs beside it with its own backend', async (name, home, login) => {
    await visitor.open();
    await visitor.page.getByRole('link', { name: `in a ${name} app` }).click();
    await visitor.heading('Sign in');
    expect(visitor.path()).toBe(login);
    await visitor.signIn();
    await visitor.page.getByRole('cell', { name: 'Espresso machine' }).waitFor();
    expect(visitor.path()).toBe(home);
  });

  it('shows no token', async () => {
    await visitor.enter();
    await visitor.button('One order').click();
    await visitor.says('It was answered.');
    const { accessToken, refreshToken } = await visitor.page.evaluate(() =>
      JSON.parse(localStorage.unexpired),
    );
    const html = await visitor.page.content();
    expect(html).not.toContain(accessToken);
    expect(html).not.toContain(refreshToken);
  });

  it.each([
    ['a laptop', { width: 1280, height: 800 }],
    ['a phone', { width: 390, height: 844 }],
  ])('fits on %s, and does not move when the session ends', async (_, viewport) => {
    await visitor.page.setViewportSize(viewport);
    await visitor.enter();
    const before = await place();
    await visitor.button('Sign out').first().click();
    await visitor.button('Sign in').waitFor();
    expect(await place()).toEqual(before);
    expect(await visitor.page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
  });
});

describe('the demo, with its backend over HTTP', () => {
  beforeAll(async () => {
    demo = await startDemo('--server');
  });
  afterAll(() => demo.stop());
  beforeEach(() => command(demo, { act: 'reset' }));

  it('refreshes once for fifty orders, according to the server', async () => {
    await command(demo, { switches: { access: 2, refresh: 600 } });
    await visitor.enter();
    await visitor.tokenExpired();
    await command(demo, { switches: { access: 60 } });
    await visitor.button('Fifty orders').click();

    await visitor.says('50 orders requested, 1 refresh, 51 HTTP calls. All were answered.');
    expect(await serverStats(demo)).toMatchObject({ logins: 1, refreshes: 1, ordersOk: 50, requests: 52 });
  });

  it('opens the login form when the refresh is refused, and comes back to the same page', async () => {
    await visitor.enter();
    await visitor.open('/orders?page=2');
    await visitor.toggle('Refresh fails').check();
    await visitor.button('Expire now').click();
    await visitor.button('Fifty orders').click();

    await visitor.page.getByText('Your session has ended.').waitFor();
    expect(visitor.path()).toBe('/login?returnTo=%2Forders%3Fpage%3D2');
    expect(await serverStats(demo)).toMatchObject({ refreshes: 0, refreshFailures: 1 });

    await visitor.signIn();
    await visitor.button('Fifty orders').waitFor();
    expect(visitor.path()).toBe('/orders?page=2');
  });

  it('keeps the session while the network is down', async () => {
    await visitor.enter();
    await visitor.toggle('Network down').check();
    await visitor.button('One order').click();
    await visitor.says('It failed: the backend cannot be reached. You are still signed in.');
    expect((await serverStats(demo)).ordersOk).toBe(0);

    await visitor.toggle('Network down').uncheck();
    await visitor.button('One order').click();
    await visitor.says('It was answered.');
    expect(await serverStats(demo)).toMatchObject({ logins: 1, ordersOk: 1 });
  });

  it('stays signed in after a reload', async () => {
    await visitor.enter();
    await visitor.page.reload();
    await visitor.button('One order').click();
    await visitor.says('It was answered.');
  });
});

/** Presses Tab until the element with this name has the focus, and takes a screenshot. */
async function focus(name: string): Promise<void> {
  for (let step = 0; step < 30; step++) {
    await visitor.page.keyboard.press('Tab');
    if (await visitor.page.evaluate(isFocused, name)) return;
  }
  throw new Error(`"${name}" cannot be reached with the keyboard`);
}

function isFocused(name: string): boolean {
  const { activeElement: element } = document;
  const label = (element as HTMLInputElement | null)?.labels?.[0] ?? element;
  const visible = [element, element?.nextElementSibling].some(
    (shown) => shown && getComputedStyle(shown).outlineStyle !== 'none',
  );
  return visible && label?.textContent?.trim().startsWith(name) === true;
}

/** The path of the screenshot. */
function place(): Promise<unknown> {
  return visitor.page.locator('.timeline').boundingBox();
}
