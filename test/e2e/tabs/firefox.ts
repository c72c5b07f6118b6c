// Later ones ask over WebDriver BiDi for what the current ESR of Firefox does not know.
import { firefox } from 'playwright-core-bidi';
import { firefoxPath } from '../../support/firefox.ts';
import { overPlaywright, type TabBrowser } from './engine.ts';

/** The Firefox that people have, over WebDriver BiDi; Playwright's own is a patched one. */
export async function launchFirefox(): Promise<TabBrowser> {
  return overPlaywright(await firefox.launch({ channel: 'moz-firefox', executablePath: firefoxPath() }));
}
