import type { FrameLocator } from 'playwright-core';
import { describe, expect, inject, it } from 'vitest';
import { newContext } from '../support/browser.ts';
import { axeFindings } from './axe.ts';
import { Playground } from './playground.ts';

const demo = inject('demo');

const FRAMES = [1, 2, 3, 4];

async function openTabs(): Promise<Playground> {
  const playground = await Playground.open(await newContext(), demo);
  await playground.unfold('Four tabs, one session');
  await says(playground, 'Four tabs are signed in, with one refresh token.');
  return playground;
}

function says({ page }: Playground, text: string): Promise<void> {
  return page.locator('.part .caption').filter({ hasText: text }).waitFor();
}

const frame = ({ page }: Playground, tab: number): FrameLocator =>
  page.frameLocator(`iframe[title^="Tab ${tab}"]`);

const inFrames = (playground: Playground, act: (tab: FrameLocator) => Promise<unknown>) =>
  Promise.all(FRAMES.map((tab) => act(frame(playground, tab))));

/** The number of tabs that the page shows with this mark. */
const marked = ({ page }: Playground, mark: string) => page.locator(`.frame.${mark}`).count();

describe('four tabs of one session in the playground', () => {
  it('refresh once when all tokens expire: one refreshes, three adopt', async () => {
    const playground = await openTabs();
    expect(await axeFindings(playground.page)).toEqual([]);
    for (let round = 1; round <= 2; round++) {
      await playground.button('Let all expire').click();
      await says(playground, 'All tabs ask for their orders…');
      await says(playground, '4 tabs, 1 refresh, 20 orders answered.');
      expect([await marked(playground, 'refreshed'), await marked(playground, 'adopted')]).toEqual([1, 3]);
      expect(await playground.counts('tabs')).toMatchObject({
        ...{ logins: 1, refreshes: round, refreshFailures: 0, reuses: 0, ordersOk: 20 * round },
      });
    }
    await inFrames(playground, (tab) => tab.getByText('5 of 5 orders answered').waitFor());
    expect(await axeFindings(playground.page)).toEqual([]);
    expect(playground.complaints).toEqual([]);
  });

  it('can be joined by a real tab', async () => {
    const playground = await openTabs();
    const opened = playground.page.context().waitForEvent('page');
    await playground.page.getByRole('link', { name: 'Open a real tab' }).click();
    const tab = await opened;
    await tab.getByRole('heading', { name: 'Tab 5' }).waitFor();
    await tab.getByText('kevin', { exact: true }).waitFor();
    expect(await axeFindings(tab)).toEqual([]);

    await playground.button('Let all expire').click();
    await says(playground, '5 tabs, 1 refresh, 25 orders answered.');
    await tab.getByText('5 of 5 orders answered').waitFor();
    expect(await playground.counts('tabs')).toMatchObject({
      logins: 1,
      refreshes: 1,
      reuses: 0,
      ordersOk: 25,
    });

    await tab.getByRole('button', { name: 'Sign out' }).click();
    await inFrames(playground, (framed) => framed.getByRole('button', { name: 'Sign in' }).waitFor());
    await frame(playground, 3).getByRole('button', { name: 'Sign in' }).click();
    await tab.getByRole('button', { name: 'Load orders' }).waitFor();
  });

  it('all sign out when the server ends the session, and all come back with one sign-in', async () => {
    const playground = await openTabs();
    await playground.button('End the session on the server').click();
    await says(
      playground,
      '4 tabs, 1 refresh (1 refused), 0 orders answered. Tab 1, Tab 2, Tab 3 and Tab 4 signed out.',
    );
    expect(await playground.counts('tabs')).toMatchObject({ refreshes: 0, refreshFailures: 1, ordersOk: 0 });
    expect(await axeFindings(playground.page)).toEqual([]);

    const tab = frame(playground, 2);
    await tab.getByLabel('Password').fill('wrong');
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await tab.getByRole('alert').filter({ hasText: 'Wrong user or password.' }).waitFor();
    await tab.getByLabel('Password').fill('open-sesame');
    await tab.getByRole('button', { name: 'Sign in' }).click();
    await inFrames(playground, (framed) => framed.getByRole('button', { name: 'Load orders' }).waitFor());
  });

  it('ask for the password in a dialog if that is selected; one answer is enough, and the waiting orders are sent', async () => {
    const playground = await openTabs();
    await playground.page.getByRole('switch').check();
    await playground.button('End the session on the server').click();
    await inFrames(playground, (tab) => tab.getByRole('dialog', { name: 'Sign in again' }).waitFor());
    expect(await axeFindings(playground.page)).toEqual([]);
    await frame(playground, 4).getByRole('button', { name: 'Sign in' }).click();
    await says(playground, '20 orders answered.');
    expect(await frame(playground, 1).getByRole('dialog').count()).toBe(0);
    expect(await playground.counts('tabs')).toMatchObject({ logins: 2, refreshes: 0, ordersOk: 20 });

    await playground.button('End the session on the server').click();
    await frame(playground, 1).getByRole('button', { name: 'Cancel' }).click();
    await inFrames(playground, (tab) =>
      tab.getByRole('button', { name: 'Load orders' }).waitFor({ state: 'detached' }),
    );
  });
});

describe('a user of the playground who is away', () => {
  it('is warned in each tab; “Stay signed in” in one closes the warning in all', async () => {
    const playground = await openTabs();
    const { clock } = playground.page;
    await clock.install();
    await playground.button('Sign out after 20 s without activity').click();
    await playground.button('Leave the tabs alone: they sign out after 20 s').waitFor();
    await inFrames(playground, (tab) => tab.getByRole('button', { name: 'Load orders' }).waitFor());
    await clock.fastForward(11_000);
    await inFrames(playground, (tab) =>
      tab.getByRole('alert').filter({ hasText: 'Are you still there?' }).waitFor(),
    );
    await frame(playground, 2).getByRole('button', { name: 'Stay signed in' }).click();
    await inFrames(playground, (tab) => tab.getByRole('alert').waitFor({ state: 'detached' }));
    expect(await frame(playground, 1).getByRole('button', { name: 'Load orders' }).count()).toBe(1);
  });

  it('is signed out in each tab', async () => {
    const playground = await openTabs();
    const address = await playground.page.evaluate(() => document.querySelector('iframe')?.src ?? '');
    const tab = await playground.page.context().newPage();
    await tab.clock.install();
    await tab.goto(`${address.replace('tab=1', 'tab=9')}&idle=600`);
    await tab.getByRole('button', { name: 'Load orders' }).waitFor();
    await tab.clock.fastForward(545_000);
    await tab.getByRole('alert').filter({ hasText: 'Are you still there?' }).waitFor();
    expect(await axeFindings(tab)).toEqual([]);
    await tab.clock.fastForward(60_000);
    await tab.getByRole('button', { name: 'Sign in' }).waitFor();
    await inFrames(playground, (framed) => framed.getByRole('button', { name: 'Sign in' }).waitFor());
  });
});
