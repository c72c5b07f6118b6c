import process from 'node:process';
import { startVitest } from 'vitest/node';

/** Ten runs of the tabs in each engine, and what they came to. */
process.env.TABS_RUNS ??= '10';
const files = ['test/e2e/tabs.test.ts', 'test/engines/'];
const vitest = await startVitest('test', [...files, ...process.argv.slice(2)], {
  run: true,
  project: ['built', 'engines'],
});
const tests = vitest.state.getTestModules().flatMap((file) => [...file.children.allTests()]);
console.table(tests.flatMap((test) => test.meta().tally ?? []));
await vitest.close();
