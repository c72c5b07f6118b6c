import type { TestProject } from 'vitest/node';
import { startDemo } from './demo-driver.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the demo. */
    demo: string;
  }
}

/** One demo for all tests, because it only serves files and its backends are in the pages. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<unknown>> {
  const demo = await startDemo();
  provide('demo', demo.url);
  return () => demo.stop();
}
