/** Sets this process's clock wrong, by CLOCK_OFFSET ms: imported before everything else. */
const offset = Number(process.env.CLOCK_OFFSET ?? 0);
const Right = Date;

globalThis.Date = class extends Right {
  static override now(): number {
    return Right.now() + offset;
  }

  constructor(...args: unknown[]) {
    super(...((args.length ? args : [Right.now() + offset]) as [number]));
  }
} as DateConstructor;
