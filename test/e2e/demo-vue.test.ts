import { describe, expect, it } from 'vitest';
import { AppVisitor } from './app-driver.ts';

const PACKAGES = ['@vitejs/plugin-vue', 'axios', 'msw', 'pinia', 'vite', 'vue', 'vue-router', 'vuex'];

const visitor = new AppVisitor({ from: 'demo/vue', packages: PACKAGES });

async function server(): Promise<{ calls: number; refreshes: number }> {
  const text = await visitor.page.locator('output').textContent();
  const [, calls, refreshes] = /(\d+) calls, (\d+) refreshes/.exec(text ?? '') ?? [];
  return { calls: Number(calls), refreshes: Number(refreshes) };
}

/** The number of orders shown; the old ones stay until the response arrives. */
async function loadAgain(): Promise<number> {
  const { calls } = await server();
  await visitor.button('Load again').click();
  await expect.poll(async () => (await server()).calls).toBeGreaterThan(calls);
  await visitor.says('3 orders');
  return visitor.page.getByRole('row').count();
}

async function enterWithVuex(): Promise<void> {
  await visitor.enter('profile');
  await visitor.page.getByLabel('Vuex').click();
  await visitor.heading('Sign in');
  await visitor.signIn();
  await visitor.page.getByText('In the module auth').waitFor();
  await visitor.page.getByRole('link', { name: 'Orders' }).click();
}

describe.each([
  ['Pinia', () => visitor.enter()],
  ['Vuex', enterWithVuex],
])('the Vue app, built from the packed tarball, with its tokens in %s', (_, enter) => {
  it('shows orders, refreshes a refused token, and signs out', async () => {
    await enter();
    await visitor.heading('Your orders');
    await visitor.says('3 orders');
    await visitor.button('Expire the token').click();
    expect(await loadAgain()).toBe(3);
    expect((await server()).refreshes).toBe(1);

    await visitor.button('Sign out').click();
    await visitor.heading('Sign in');
    expect(visitor.path()).toBe('/login');
  });

  it('opens the login page if the session has ended elsewhere, and returns to the same page', async () => {
    await enter();
    await visitor.says('3 orders');
    await visitor.button('Sign out elsewhere').click();
    await visitor.button('Load again').click();
    await visitor.heading('Sign in');
    expect(visitor.path()).toBe('/login?returnTo=/');
    await visitor.signIn();
    await visitor.heading('Your orders');
    expect(visitor.path()).toBe('/');
  });
});

describe('the Vue app', () => {
  it('returns to the requested page with its query after the sign-in', async () => {
    await visitor.open('profile?tab=claims');
    expect(visitor.path()).toBe('/login?returnTo=/profile?tab=claims');
    await visitor.signIn();
    await visitor.heading('Your profile');
    expect(visitor.path()).toBe('/profile?tab=claims');
    expect(await visitor.page.locator('dd').first().textContent()).toBe('kevin');
  });

  it('reports a wrong password', async () => {
    await visitor.open();
    await visitor.signIn('wrong');
    await visitor.warns('Wrong user or password.');
    expect(visitor.path()).toBe('/login?returnTo=/');
  });

  it('redirects only to its own pages', async () => {
    await visitor.enter('login?returnTo=//evil.example');
    await visitor.heading('Your orders');
    expect(visitor.path()).toBe('/');
  });

  it('stores its tokens in one store, and shows in which', async () => {
    await visitor.enter('profile');
    await visitor.page.getByText('In the store auth').waitFor();
    expect(await visitor.page.getByLabel('Pinia').isChecked()).toBe(true);
    expect(await visitor.page.evaluate(() => localStorage.length)).toBe(0);
  });
});
