import { startVitest } from 'vitest/node';

/** Ten runs of each number of tabs in each engine, or in those test files that are named, and what they came to. */
process.env.TABS_RUNS ??= '10';
const named = process.argv.slice(2);
const files = named.length ? named : ['test/e2e/tabs.test.ts', 'test/engines/'];
const vitest = await startVitest('test', files, {
  run: true,
  project: ['built', 'engines'],
  testNamePattern: 'cost one refresh',
});
const tests = vitest.state.getTestModules().flatMap((file) => [...file.children.allTests()]);
console.table(tests.flatMap((test) => test.meta().tally ?? []));
await vitest.close();
