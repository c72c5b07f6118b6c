import { launchBrowser } from '../../support/browser.ts';
import { overPlaywright, type TabBrowser } from './engine.ts';

export async function launchChromium(): Promise<TabBrowser> {
  return overPlaywright(await launchBrowser());
}
