import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build, preview } from 'vite';
import { expect, it, onTestFinished } from 'vitest';
import { newContext, watchComplaints } from '../support/browser.ts';
import { freePort } from '../support/redis.ts';
import { blockOf, writeSnippets } from '../support/snippets.ts';

/** The index.html of a new Vite app, but with the script next to it. */
const HTML = '<!doctype html><title>App</title><script type="module" src="/main.ts"></script>';

/** The guide's files, with a free port instead of 8000. */
function copyGuide(port: number): string {
  // Inside the package, so that it can be imported by its own name.
  const folder = mkdtempSync(join(import.meta.dirname, 'start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of writeSnippets('docs/start.md', folder)) {
    const code = readFileSync(join(folder, file), 'utf8');
    writeFileSync(join(folder, file), code.replaceAll('8000', String(port)));
  }
  writeFileSync(join(folder, 'index.html'), HTML);
  return folder;
}

/** Runs `node backend.js`. Returns the lines that it prints. */
function startBackend(folder: string): string[] {
  const child = spawn(process.execPath, ['backend.js'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill());
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  return lines;
}

/** Builds the app and serves it with the guide's own proxy. Returns its origin. */
async function serveApp(folder: string): Promise<string> {
  const config = { root: folder, configFile: join(folder, 'vite.config.ts'), logLevel: 'warn' } as const;
  await build(config);
  const server = await preview({ ...config, preview: { port: await freePort(), strictPort: true } });
  onTestFinished(() => server.close());
  return server.resolvedUrls!.local[0]!;
}

it('the app of the start guide refreshes after ten seconds, and its backend prints the lines of the guide', async () => {
  const port = await freePort();
  const folder = copyGuide(port);
  const lines = startBackend(folder);
  await expect.poll(() => lines.length).toBe(1);
  const page = await (await newContext()).newPage();
  const complaints = watchComplaints(page);
  await page.clock.install();

  await page.goto(await serveApp(folder));
  await page.getByRole('button', { name: 'Sign in' }).click();
  const load = page.getByRole('button', { name: 'Load the order' });
  const answers = () => lines.filter((line) => line.startsWith('GET')).length;
  await load.click();
  await expect.poll(answers).toBe(1);
  await page.clock.fastForward(10_000);
  await load.click();
  await expect.poll(answers).toBe(2);

  const shown = blockOf('docs/start.md', 'txt').trimEnd();
  expect(lines.join('\n')).toBe(shown.replace('8000', String(port)));
  expect(await page.locator('output').textContent()).toContain('订单数据');
  expect(complaints).toEqual([]);
});
