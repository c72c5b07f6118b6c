import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeBrowser } from './browser/browser.ts';
import { FakeFleet } from './fleet/fleet.ts';
import { KNOWN } from './known.ts';
import { programs } from './moves.ts';
import { MUTANTS } from './mutants.ts';
import { run } from './run.ts';
import { withTokens } from './token-setting.ts';

const { name, breaks, file } = MUTANTS.find((mutant) => mutant.name === process.env.MUTANT)!;

const isFleet = file.startsWith('src/redis/');
const setting = withTokens((world, program) =>
  isFleet ? new FakeFleet(world) : new FakeBrowser(world, program),
);

it(`finds out that ${name}`, { timeout: 0 }, async () => {
  const property = fc.asyncProperty(programs, async (program) => {
    const guarantee = await run(program, setting).then(
      () => '',
      (error: Error) => error.message.split('\n')[0]!,
    );
    if (breaks.test(guarantee)) throw new Error(guarantee);
  });
  const { failed, numRuns } = await fc.check(property, {
    numRuns: 20_000,
    seed: 1,
    endOnFailure: true,
    examples: KNOWN,
  });
  expect((globalThis as { mutant?: string }).mutant, 'what ran was the mutant').toBe(name);
  console.info(failed ? `found in run ${numRuns}` : 'not found');
  expect(failed).toBe(true);
});
