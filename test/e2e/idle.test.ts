import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newContext } from '../support/browser.js';
import { type Demo, DemoPage, startDemo } from './demo-driver.js';

let demo: Demo;
beforeAll(async () => {
  demo = await startDemo('--server');
});
afterAll(() => demo.stop());

/** Two tabs of one browser, in which the user may be idle for `seconds` at most. */
async function openTabs(seconds: number): Promise<[DemoPage, DemoPage]> {
  const context = await newContext('tabs');
  const first = new DemoPage(await context.newPage(), demo.url);
  const second = new DemoPage(await context.newPage(), demo.url);
  await first.open(`?idle=${seconds}`);
  await first.signIn();
  await first.button('Fifty orders').waitFor();
  await second.open(`?idle=${seconds}`);
  await second.button('Fifty orders').waitFor();
  return [first, second];
}

describe('idle timeout, in two tabs of Chromium', () => {
  it('warns in both; "Stay signed in" in one closes the warning in both', async () => {
    const [first, second] = await openTabs(20);
    await Promise.all([first.warns('Are you still there?'), second.warns('Are you still there?')]);
    await second.button('Stay signed in').click();
    await first.page.getByRole('alert').waitFor({ state: 'detached' });
    expect(await second.page.getByRole('alert').count()).toBe(0);
    await first.button('Fifty orders').waitFor();
    expect([first.errors, second.errors]).toEqual([[], []]);
  });

  it('signs out in both if the user does not respond', async () => {
    const [first, second] = await openTabs(4);
    await Promise.all([first.page.waitForURL(/\/login/), second.page.waitForURL(/\/login/)]);
    expect([first.errors, second.errors]).toEqual([[], []]);
  });
});
