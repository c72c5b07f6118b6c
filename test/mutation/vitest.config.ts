import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Set by scripts/mutation.js: the folders and files to run, in this order. */
const wanted = (process.env.MUTATION_TESTS ?? 'test').split(',');

class AsWanted extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  return wanted.findIndex((path) => `${moduleId}/`.includes(`/${path}/`));
}

/** The tests that StrykerJS runs against each mutant: tests in Node that need no build. */
export default defineConfig({
  resolve: { alias: { '#network': `${import.meta.dirname}/../support/network.node.ts` } },
  test: {
    include: wanted.map((path) => (path.endsWith('.ts') ? path : `${path}/**/*.test.{ts,tsx}`)),
    exclude: ['test/**/*.browser.test.{ts,tsx}'],
    // StrykerJS has its own time limit; a busy machine must not fail a test.
    testTimeout: 10_000,
    sequence: { sequencer: AsWanted },
  },
});
