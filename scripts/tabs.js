import { startVitest } from 'vitest/node';

/**
 * Runs each test of tabs ten times in each engine, or only the test files in the arguments, and prints a table of the
 * results.
 */
process.env.TABS_RUNS ??= '10';
const chosen = process.argv.slice(2);
const files = chosen.length ? chosen : ['test/e2e/tabs.test.ts', 'test/engines/'];
const vitest = await startVitest('test', files, {
  run: true,
  project: ['built', 'engines'],
  testNamePattern: 'cost one refresh',
});
const tests = vitest.state.getTestModules().flatMap((file) => [...file.children.allTests()]);
console.table(tests.flatMap((test) => test.meta().tally ?? []));
await vitest.close();
