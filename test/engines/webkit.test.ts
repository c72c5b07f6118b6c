import { testCoherence } from '../e2e/tabs/coherence.ts';
import { testOneRefresh } from '../e2e/tabs/one-refresh.ts';
import { launchWebKit } from '../e2e/tabs/webkit.ts';

testOneRefresh('WebKit', launchWebKit);
testCoherence(launchWebKit);
