import { describe, expect, inject, it } from 'vitest';
import type { Tab } from '../e2e/tabs/engine.ts';
import { launchFirefox } from '../e2e/tabs/firefox.ts';
import { launchWebKit } from '../e2e/tabs/webkit.ts';

const demo = inject('demo');

describe.each([
  ['Firefox', launchFirefox],
  ['WebKit', launchWebKit],
])('the playground in %s', (_, launch) => {
  it('plays its story, and lets four tabs refresh once', async () => {
    const browser = await launch();
    try {
      const tab = await browser.open(demo);
      await expect.poll(() => tab.evaluate(clickPlay)).toBe(true);
      await expect.poll(() => captions(tab)).toContain('unexpired: 1 refresh, 50 of 50 orders, signed in.');
      await tab.evaluate(() => document.querySelectorAll<HTMLElement>('.part > summary')[1]?.click());
      await expect.poll(() => captions(tab)).toContain('Four tabs are signed in');
      await tab.evaluate(() => document.querySelector<HTMLElement>('.tabs-bar .primary')?.click());
      await expect.poll(() => captions(tab)).toContain('4 tabs, 1 refresh, 20 orders answered.');
    } finally {
      await browser.close();
    }
  });
});

function clickPlay(): boolean {
  const button = document.querySelector<HTMLElement>('button.big');
  button?.click();
  return button !== null;
}

function captions(tab: Tab): Promise<string> {
  return tab.evaluate(() =>
    [...document.querySelectorAll('.caption')].map(({ textContent }) => textContent).join(' '),
  );
}
