import fc from 'fast-check';
import { expect, it } from 'vitest';
import { programs } from './moves.ts';
import { MUTANTS } from './mutants.ts';
import { run } from './run.ts';

const { name, breaks } = MUTANTS.find((mutant) => mutant.name === process.env.MUTANT)!;

it(`finds out that ${name}`, { timeout: 0 }, async () => {
  const property = fc.asyncProperty(programs, async (program) => {
    const law = await run(program).then(
      () => '',
      (error: Error) => error.message.split('\n')[0]!,
    );
    if (breaks.test(law)) throw new Error(law);
  });
  const { failed, numRuns } = await fc.check(property, { numRuns: 20_000, seed: 1, endOnFailure: true });
  expect((globalThis as { mutant?: string }).mutant, 'what ran was the mutant').toBe(name);
  console.info(failed ? `found in run ${numRuns}` : 'not found');
  expect(failed).toBe(true);
});
