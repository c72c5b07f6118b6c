import { launchChromium } from './tabs/chromium.ts';
import { testOneRefresh } from './tabs/one-refresh.ts';

testOneRefresh('Chromium', launchChromium);
