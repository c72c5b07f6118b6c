import { launchChromium } from './tabs/chromium.ts';
import { testCoherence } from './tabs/coherence.ts';

testCoherence(launchChromium);
