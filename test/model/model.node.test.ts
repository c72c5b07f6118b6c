import fc from 'fast-check';
import { it } from 'vitest';
import { FakeBrowser } from './browser/browser.ts';
import { withCookies } from './cookies/setting.ts';
import { FakeFleet } from './fleet/fleet.ts';
import { KNOWN, KNOWN_OF_COOKIES } from './known.ts';
import { cookiePrograms, programs } from './moves.ts';
import { run } from './run.ts';
import type { MakeSetting } from './setting.ts';
import { withTokens } from './token-setting.ts';

/** A failure prints `MODEL_SEED` and `MODEL_PATH`. Set them to run its counterexample again. */
const { MODEL_RUNS, MODEL_SEED, MODEL_PATH: path = '' } = process.env;
const numRuns = Number(MODEL_RUNS ?? 1_000);
/** These runs take twice as long. */
const cookieRuns = numRuns / 2;
/** The same seed in every `npm test`, and a new one for each `npm run test:model`. */
const seed = Number(MODEL_SEED ?? (MODEL_RUNS ? Date.now() % 2 ** 31 : 1));

const SETTINGS: Record<string, MakeSetting> = {
  'tabs of a browser': withTokens((world, program) => new FakeBrowser(world, program)),
  'processes of a fleet': withTokens((world) => new FakeFleet(world)),
};

it.each(Object.keys(SETTINGS))(
  `keeps the guarantees in ${numRuns} random schedules of several %s`,
  { timeout: 0 },
  async (name) => {
    if (MODEL_RUNS) console.info(`MODEL_SEED=${seed}`);
    const property = fc.asyncProperty(programs, (program) => run(program, SETTINGS[name]!));
    await fc.assert(property, { numRuns, seed, path, examples: KNOWN });
  },
);

it(`keeps the guarantees of cookie-only sessions in ${cookieRuns} random schedules`, {
  timeout: 0,
}, async () => {
  if (MODEL_RUNS) console.info(`MODEL_SEED=${seed}`);
  const property = fc.asyncProperty(cookiePrograms, (program) => run(program, withCookies));
  await fc.assert(property, { numRuns: cookieRuns, seed, path, examples: KNOWN_OF_COOKIES });
});
