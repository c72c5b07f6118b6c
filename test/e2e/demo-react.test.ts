import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { AppVisitor } from './app-driver.ts';

const root = join(import.meta.dirname, '../..');
const PACKAGES = ['axios', 'msw', 'react', 'react-dom', 'react-router'];
const TOOLS = ['@types/react', '@types/react-dom', '@vitejs/plugin-react', 'vite'];

const visitor = new AppVisitor({ from: 'demo/react', packages: [...PACKAGES, ...TOOLS] });

const counted = (text: string) => visitor.page.locator('output').filter({ hasText: text }).waitFor();
const follow = (name: string) => visitor.page.getByRole('link', { name }).click();
const claims = () => visitor.page.getByRole('definition').allTextContents();

async function enter(): Promise<void> {
  await visitor.enter();
  await visitor.heading('Your orders');
  await counted('2 calls, 0 refreshes');
}

describe('the React app, built from the packed tarball', () => {
  it('compiles with the types in the tarball', () => {
    const { folder, run } = visitor.app;
    copyFileSync(join(root, 'demo/react/tsconfig.json'), join(folder, 'tsconfig.json'));
    expect(run(join(root, 'node_modules/.bin/tsc'), '-p', folder)).toBe('');
  });

  it('asks visitors to sign in, and then shows the page they opened', async () => {
    await visitor.open('profile?tab=claims');
    expect(visitor.path()).toBe(`/login?returnTo=${encodeURIComponent('/profile?tab=claims')}`);
    await visitor.signIn();
    await visitor.heading('Your profile');
    expect(visitor.path()).toBe('/profile?tab=claims');
    expect((await claims())[0]).toBe('kevin');
  });

  it('shows orders, even with a refused token after one refresh', async () => {
    await enter();
    expect(await visitor.page.getByRole('row').count()).toBe(3);
    await visitor.button('Expire the token').click();
    await visitor.button('Load again').click();
    await counted('5 calls, 1 refreshes');
    await visitor.says('3 orders');
  });

  it('saves a file with session fetch, after one refresh', async () => {
    await enter();
    await visitor.button('Expire the token').click();
    const saved = visitor.page.waitForEvent('download');
    await visitor.button('Download').click();
    const file = await saved;
    expect(file.suggestedFilename()).toBe('orders.json');
    expect(await text(await file.createReadStream())).toContain('Espresso machine');
    await counted('5 calls, 1 refreshes');
  });

  it('shows new claims after a refresh', async () => {
    await enter();
    await follow('kevin');
    await visitor.heading('Your profile');
    const before = await claims();
    await follow('Orders');
    await visitor.button('Expire the token').click();
    await visitor.page.waitForTimeout(1_000); // `exp` is a whole second
    await visitor.button('Load again').click();
    await counted('1 refreshes');
    await follow('kevin');
    await expect.poll(claims).not.toEqual(before);
  });

  it('opens the login page if the session has ended elsewhere, and returns to the same page', async () => {
    await enter();
    await follow('kevin');
    await visitor.heading('Your profile');
    await visitor.button('Sign out elsewhere').click();
    await follow('Orders');
    await visitor.heading('Sign in');
    expect(visitor.path()).toBe('/login?returnTo=%2Fprofile');
    await visitor.signIn();
    await visitor.heading('Your profile');
  });

  it('a deliberate sign-out adds no returnTo', async () => {
    await enter();
    await visitor.button('Sign out').click();
    await visitor.heading('Sign in');
    expect(visitor.path()).toBe('/login');
    expect(await visitor.page.evaluate(() => localStorage.getItem('react-demo'))).toBeNull();
  });

  it('reports a wrong password, and accepts the next one', async () => {
    await visitor.open('profile');
    await visitor.signIn('wrong');
    await visitor.warns('Wrong user or password.');
    await visitor.signIn('open-sesame');
    await visitor.heading('Your profile');
  });

  it('starts again when the page is reloaded, like its server', async () => {
    await enter();
    await visitor.page.reload();
    await visitor.heading('Sign in');
    expect(visitor.path()).toBe('/login?returnTo=%2F');
  });
});
