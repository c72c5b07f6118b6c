import { afterEach, beforeEach, expect, inject, it } from 'vitest';
import type { Report } from '../../src/recorder/index.js';
import { newContext } from '../support/browser.ts';
import { Playground } from './playground.ts';

const demo = inject('demo');
let playground: Playground;
beforeEach(async () => {
  playground = await Playground.open(await newContext(), demo);
});
afterEach(() => expect(playground.complaints).toEqual([]));

it('the session events show refreshes, and their report can be copied and contains no token', async () => {
  const { page } = playground;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await playground.noteTokens();
  await playground.play();

  const lines = await sessionEvents();
  expect(lines.map(withoutTimes)).toEqual([
    '… page opened: signed out',
    '… signed in, good until …',
    expect.stringMatching(/^… asks for new tokens(, after waiting …)?$/),
    '… got new tokens, after …, good until …',
  ]);
  expect(await copyReport()).toBe('Copied');
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const { text, events } = JSON.parse(copied) as Report;
  expect(text.split('\n').slice(1)).toEqual(lines);
  expect(events.map(({ type }) => type)).toEqual(['opened', 'signed-in', 'refreshing', 'refreshed']);
  const tokens = await playground.tokens();
  expect(tokens.length).toBeGreaterThan(4);
  expect(tokens.filter((token) => copied.includes(token))).toEqual([]);
});

it('the session events name another tab that takes part', async () => {
  await playground.unfold('Pull a cable');
  await playground.pull('Sign-out elsewhere');
  const lines = (await sessionEvents()).map(withoutTimes);
  // The message of the other tab, and the events that it causes here, arrive in any order.
  expect(lines.slice(-2).sort()).toEqual([
    '… signed out: another tab signed out, or the store was emptied',
    '… tab 2: signed out: signOut() was called',
  ]);
});

it('the page says so if the browser does not allow it to copy', async () => {
  await playground.play();
  await sessionEvents();
  await playground.page.evaluate(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('', 'NotAllowedError'));
  });
  expect(await copyReport()).toBe('Your browser did not let this page copy');
});

async function sessionEvents(): Promise<string[]> {
  await playground.page.getByText('Session events').click();
  return playground.page.locator('.events li').allTextContents();
}

const withoutTimes = (line: string) => line.replaceAll(/\d\d:\d\d:\d\d|\d+ m?s/g, '…');

/** Copies with the keyboard. Returns what the page then says. */
async function copyReport(): Promise<string | null> {
  await playground.focus('Copy report');
  await playground.page.keyboard.press('Enter');
  const said = playground.page.locator('.events').getByRole('status');
  await said.filter({ hasText: /./ }).waitFor();
  return said.textContent();
}
