import { chromium } from 'playwright-core';
import { CHROMIUM_ARGS, chromiumPath } from '../../support/chromium.ts';
import { overPlaywright, type TabBrowser } from './engine.ts';

export async function launchChromium(): Promise<TabBrowser> {
  return overPlaywright(await chromium.launch({ executablePath: chromiumPath(), args: CHROMIUM_ARGS }));
}
