import { testCoherence } from '../e2e/tabs/coherence.ts';
import { launchFirefox } from '../e2e/tabs/firefox.ts';
import { testIdle } from '../e2e/tabs/idle.ts';
import { testOneRefresh } from '../e2e/tabs/one-refresh.ts';

testOneRefresh('Firefox', launchFirefox);
testCoherence(launchFirefox);
testIdle(launchFirefox);
