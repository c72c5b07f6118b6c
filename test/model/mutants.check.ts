import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeBrowser } from './browser/browser.ts';
import { withCookies } from './cookies/setting.ts';
import { FakeFleet } from './fleet/fleet.ts';
import { KNOWN, KNOWN_OF_COOKIES } from './known.ts';
import { cookiePrograms, type Program, programs } from './moves.ts';
import { MUTANTS } from './mutants.ts';
import { run } from './run.ts';
import { withTokens } from './token-setting.ts';
import type { World } from './world.ts';

const { name, breaks, file, cookies } = MUTANTS.find((mutant) => mutant.name === process.env.MUTANT)!;

const isFleet = file.startsWith('src/redis/');
const place = (world: World, program: Program) =>
  isFleet ? new FakeFleet(world) : new FakeBrowser(world, program);
const setting = cookies ? withCookies : withTokens(place);

it(`finds out that ${name}`, { timeout: 0 }, async () => {
  const property = fc.asyncProperty<[Program]>(cookies ? cookiePrograms : programs, async (program) => {
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
    examples: cookies ? KNOWN_OF_COOKIES : KNOWN,
  });
  expect((globalThis as { mutant?: string }).mutant, 'what ran was the mutant').toBe(name);
  console.info(failed ? `found in run ${numRuns}` : 'not found');
  expect(failed).toBe(true);
});
