/** Changes this process's clock by CLOCK_OFFSET ms. Import it before everything else. */
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
