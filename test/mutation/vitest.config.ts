import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Set by scripts/mutation.js: the folders whose tests run, quickest first. */
const folders = (process.env.MUTATION_TESTS ?? 'test').split(',');

/** The first failing test kills a mutant: small files, which start sooner, run first. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((one, other) => rank(one) - rank(other));
  }
}

function rank({ moduleId }: TestSpecification): number {
  return folders.findIndex((folder) => moduleId.includes(`/${folder}/`));
}

/** What StrykerJS runs against each mutant: tests in Node that need no build. */
export default defineConfig({
  resolve: { alias: { '#network': `${import.meta.dirname}/../support/network.node.ts` } },
  test: {
    include: folders.map((folder) => `${folder}/**/*.test.{ts,tsx}`),
    exclude: ['test/**/*.browser.test.{ts,tsx}'],
    sequence: { sequencer: QuickestFirst },
  },
});
