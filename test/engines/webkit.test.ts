import { testCoherence } from '../e2e/tabs/coherence.ts';
import { testIdle } from '../e2e/tabs/idle.ts';
import { testOneRefresh } from '../e2e/tabs/one-refresh.ts';
import { launchWebKit } from '../e2e/tabs/webkit.ts';

testOneRefresh('WebKit', launchWebKit);
testCoherence(launchWebKit);
testIdle(launchWebKit);
