// Later versions use WebDriver BiDi commands that the current ESR of Firefox does not support.
import { firefox } from 'playwright-core-bidi';
import { firefoxPath } from '../../support/firefox.ts';
import { overPlaywright, type TabBrowser } from './engine.ts';

/** The official Firefox, over WebDriver BiDi; Playwright's own Firefox is patched. */
export async function launchFirefox(): Promise<TabBrowser> {
  return overPlaywright(await firefox.launch({ channel: 'moz-firefox', executablePath: firefoxPath() }));
}
