import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { createTestBackend } from 'unexpired/testing/backend';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CHROMIUM_ARGS, headlessPath } from '../support/chromium.ts';
import { serve } from '../support/http.ts';
import { writeSnippets } from '../support/snippets.ts';

const root = join(import.meta.dirname, '../..');
// Inside the package, so that it can be imported by its own name.
const folder = join(import.meta.dirname, 'guide');
let files: string[];
let browserConfig: string;

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  files = writeSnippets('docs/testing.md', folder);
  browserConfig = readFileSync(join(folder, 'vitest.config.ts'), 'utf8');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Report {
  testResults: { name: string; assertionResults: { title: string; status: string }[] }[];
}

/** The output of a script, even if it fails. */
async function run(script: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [script, ...args], { cwd: folder }).catch((error) => error);
}

async function bundle(file: string): Promise<string> {
  const result = await build({
    logLevel: 'warn',
    configFile: false,
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: join(import.meta.dirname, file) },
    },
  });
  return (result as { output: { code: string }[] }).output[0]!.code;
}

/** Runs the page's tests in a separate vitest, and returns the result of each test. */
async function runTests(config: string): Promise<Record<string, string>> {
  writeFileSync(join(folder, 'vitest.config.ts'), config);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const args = ['run', '--root', folder, '--reporter=json', '--outputFile=report.json'];
  const { stderr } = await run(vitest, ...args);
  const report = join(folder, 'report.json');
  if (!existsSync(report)) throw new Error(`vitest made no report: ${stderr}`);
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  rmSync(report);
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  return Object.fromEntries(results.map(({ title, status }) => [title, status]));
}

/** The tests as the page shows them. */
function expectedOf(names: (name: string) => boolean): Record<string, string> {
  const tests = files.filter((name) => name.endsWith('.test.ts') && names(name));
  const code = tests.map((name) => readFileSync(join(folder, name), 'utf8'));
  const titles = code.flatMap((text) => [...text.matchAll(/^it\('(.*)', async/gm)].map(([, title]) => title));
  return Object.fromEntries(titles.map((title) => [title, 'passed']));
}

const NODE = `
  import { defineConfig } from 'vitest/config';
  export default defineConfig({ test: { include: ['*.test.ts'], exclude: ['another-tab.test.ts'] } });`;

const launchOptions = { executablePath: headlessPath(), args: CHROMIUM_ARGS };

/** The page's own configuration with this machine's browser, without the parts for Node. */
const chromiumConfig = (config: string) =>
  config
    .replace('playwright()', () => `playwright({ launchOptions: ${JSON.stringify(launchOptions)} })`)
    .replace(
      'test: {',
      "test: { screenshotFailures: false, include: ['*.test.ts'], exclude: ['users.test.ts'],",
    );

// Two vitest processes run inside this one, one of them with a browser.
describe('the guide to testing', { timeout: 180_000 }, () => {
  it('its tests pass in Node', async () => {
    const expected = expectedOf((name) => name !== 'another-tab.test.ts');
    expect(Object.keys(expected).length).toBeGreaterThan(7);
    expect(await runTests(NODE)).toEqual(expected);
  });

  it('its tests pass in Chromium, with the setup for browsers', async () => {
    expect(await runTests(chromiumConfig(browserConfig))).toEqual(
      expectedOf((name) => name !== 'users.test.ts'),
    );
  });

  it('its test passes under Playwright, with the built package in the page', async () => {
    const html = (script: string) => `<!doctype html><body><script type="module">${script}</script>`;
    const document = html(await bundle('application.ts'));
    const page = () => new Response(document, { headers: { 'Content-Type': 'text/html' } });
    const use = { baseURL: await serve(async () => page()), launchOptions };
    const config = `export default ${JSON.stringify({ testMatch: '*.spec.ts', outputDir: 'results', workers: 1, use })};`;
    writeFileSync(join(folder, 'playwright.config.mjs'), config);
    const cli = join(root, 'node_modules/playwright/cli.js');
    const { stdout } = await run(cli, 'test', '--config=playwright.config.mjs', '--reporter=json');
    expect(JSON.parse(stdout)).toMatchObject({ errors: [], stats: { expected: 1, unexpected: 0, flaky: 0 } });
  });

  it('its server responds over HTTP, and breaks the connection for a network fault', async () => {
    const { backend, server } = await import(join(folder, 'server.ts'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const logIn = () =>
      fetch(`${origin}/login/`, { method: 'POST', body: '{"username":"kevin","password":"open-sesame"}' });
    expect(await (await logIn()).json()).toMatchObject({ code: 1001 });
    backend.failNext('login', 'network');
    await expect(logIn()).rejects.toThrow(TypeError);
  });

  it('its server sets every cookie of a response', async () => {
    const code = readFileSync(join(folder, 'server.ts'), 'utf8');
    const options = `{ protocol: 'cookie', csrf: { cookie: 'csrf', header: 'X-CSRF' } }`;
    writeFileSync(join(folder, 'server-of-cookies.ts'), code.replace('{ cors: true }', options));
    const { server } = await import(join(folder, 'server-of-cookies.ts'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const body = '{"username":"kevin","password":"open-sesame"}';
    const answer = await fetch(`http://127.0.0.1:${port}/login`, { method: 'POST', body });
    const names = answer.headers.getSetCookie().map((cookie) => cookie.split('=')[0]);
    expect(names).toEqual(['refresh_token', 'csrf']);
  });

  it('its route answers a page under Playwright, cookies included', async () => {
    const { routeTo } = await import(join(folder, 'route-to.ts'));
    const browser = await chromium.launch(launchOptions);
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.route('**/*', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<title>App</title>' }),
    );
    const csrf = { cookie: 'csrf', header: 'X-CSRF' };
    const backend = createTestBackend({ protocol: 'cookie', cookieJar: false, csrf });
    await routeTo(backend, page, /\/(login|refresh|orders)$/);
    await page.goto('http://app.test/');
    const post = (path: string, body = '') =>
      page.evaluate(
        ([url, text]) => {
          const headers = { 'X-CSRF': document.cookie.replace('csrf=', '') };
          return fetch(url!, { method: 'POST', body: text!, headers }).then(({ status }) => status, String);
        },
        [path, body],
      );
    expect(await post('/refresh')).toBe(403);
    expect(await post('/login', '{"username":"kevin","password":"open-sesame"}')).toBe(200);
    expect([await post('/refresh'), await post('/refresh')]).toEqual([200, 200]);
    expect(await page.evaluate(() => document.cookie)).toMatch(/^csrf=[\w-]+$/); // one of the two cookies
    backend.failNext('refresh', 'network');
    expect(await post('/refresh')).toContain('Failed to fetch');
    expect(backend.stats).toMatchObject({ logins: 1, refreshes: 2, refreshFailures: 1, reuses: 0 });
  });
});
