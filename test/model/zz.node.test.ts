import fc from 'fast-check';
import { it } from 'vitest';
import { CookieSetting } from './cookies/setting.ts';
import { cookiePrograms } from './moves.ts';
import { run } from './run.ts';

it('stats', { timeout: 0 }, async () => {
  const n = Number(process.env.N ?? 500);
  const filter = process.env.F ? new RegExp(process.env.F) : undefined;
  const all = fc.sample(cookiePrograms, { numRuns: n, seed: Number(process.env.SEED ?? 1) });
  const counts = new Map<string, [number, string]>();
  for (const program of all) {
    await run(program, (world) => new CookieSetting(world, program)).catch((error: Error) => {
      const name = error.message.split('\n')[0]!.replace(/\d+/g, 'N');
      const [count, text] = counts.get(name) ?? [0, error.message];
      counts.set(name, [count + 1, error.message.length < text.length ? error.message : text]);
    });
  }
  for (const [name, [count]] of counts) console.log(count, name);
  if (filter) {
    const property = fc.asyncProperty(cookiePrograms, async (program) => {
      const message = await run(program, (world) => new CookieSetting(world, program)).then(
        () => '',
        (e) => e.message,
      );
      if (filter.test(message.split('\n')[0])) throw new Error(message);
    });
    const r = await fc.check(property, {
      interruptAfterTimeLimit: 40000,
      markInterruptAsFailure: false,
      numRuns: n,
      seed: Number(process.env.SEED ?? 1),
    });
    console.log(
      JSON.stringify(r.counterexample),
      r.errorInstance instanceof Error ? r.errorInstance.message : '',
    );
  }
});
