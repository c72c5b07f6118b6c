import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runDemo, startDemo } from './demo-driver.js';

describe('npm run demo', () => {
  it('serves the page, on the next port if one is busy, and exits cleanly when it is interrupted', async () => {
    const busy = createServer();
    onTestFinished(() => void busy.close());
    const port = await new Promise<number>((resolve) => {
      busy.listen(0, 'localhost', () => resolve((busy.address() as { port: number }).port));
    });
    const demo = await startDemo('--port', String(port));
    expect(Number(new URL(demo.url).port)).toBeGreaterThan(port);
    expect(await (await fetch(demo.url)).text()).toContain('<title>unexpired');
    expect(await demo.stop()).toBe(0);
  }, 120_000);

  it('prints its options', async () => {
    const { code, output } = await runDemo('--help');
    expect(code).toBe(0);
    expect(output).toContain('--port');
  });

  it.each([
    ['--prot', "Unknown option '--prot'"],
    ['--port=http', '"--port" must be a number, got http'],
    ['--port=70000', '"--port" must be a number, at most 65535, got 70000'],
  ])('rejects %s', async (option, message) => {
    const { code, output } = await runDemo(option);
    expect(code).toBe(2);
    expect(output).toContain(message);
  });
});
