import fc from 'fast-check';
import { it } from 'vitest';
import { programs } from './moves.ts';
import { run } from './run.ts';

/** `MODEL_SEED` and `MODEL_PATH`, as a failure prints them, run its counterexample again. */
const { MODEL_RUNS, MODEL_SEED, MODEL_PATH } = process.env;
const numRuns = Number(MODEL_RUNS ?? 1_000);
/** The same in every `npm test`; a new one for each `npm run test:model`. */
const seed = Number(MODEL_SEED ?? (MODEL_RUNS ? Date.now() % 2 ** 31 : 1));

it(`keeps the laws in ${numRuns} random schedules of several tabs`, { timeout: 0 }, async () => {
  if (MODEL_RUNS) console.info(`MODEL_SEED=${seed}`);
  const property = fc.asyncProperty(programs, run);
  await fc.assert(property, { numRuns, seed, ...(MODEL_PATH && { path: MODEL_PATH }) });
});
