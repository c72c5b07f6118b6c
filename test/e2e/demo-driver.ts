import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Locator, Page, Request } from 'playwright-core';
import type { TestBackendStats } from '../../src/testing/index.js';
import { watchComplaints } from '../support/browser.js';
import { Visitor } from './visitor.js';

const SERVE = fileURLToPath(new URL('../../demo/serve.js', import.meta.url));

export interface Demo {
  url: string;
  /** Like Ctrl+C. Returns the exit code. */
  stop(): Promise<number>;
}

/** Starts `npm run demo` on a free port. */
export async function startDemo(...options: string[]): Promise<Demo> {
  const child = demo('--port', '0', ...options);
  const exited = once(child, 'exit');
  const url = await printed(child, /http:\S+/);
  return {
    url,
    async stop() {
      child.kill('SIGINT');
      const [code] = await exited;
      return code;
    },
  };
}

/** Runs `npm run demo` with options that make it exit by itself. */
export async function runDemo(...options: string[]): Promise<{ code: number; output: string }> {
  const child = demo(...options);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, output: output + errors };
}

function demo(...options: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [SERVE, ...options]);
}

async function printed(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<string> {
  child.stderr.pipe(process.stderr);
  let output = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk;
    const [found] = pattern.exec(output) ?? [];
    if (found) return found;
  }
  throw new Error(`The demo printed no URL: ${output}`);
}

/** The page as a visitor sees it. */
export class DemoPage extends Visitor {
  readonly errors: string[];
  readonly requests: string[] = [];
  /** Each page that was opened, with its query. */
  readonly visited: string[] = [];

  constructor(
    override readonly page: Page,
    override readonly url: string,
  ) {
    super();
    this.errors = watchComplaints(page);
    page.on('framenavigated', () => this.visited.push(this.path()));
    page.on('request', (request: Request) => this.requests.push(new URL(request.url()).pathname));
  }

  toggle(name: string): Locator {
    return this.page.getByRole('switch', { name });
  }

  lifetimes(name: string): Locator {
    return this.page.getByRole('radio', { name });
  }

  async enter(): Promise<void> {
    await this.open();
    await this.signIn();
    await this.button('Fifty orders').waitFor();
  }

  /** Waits until the session's token has expired. */
  async tokenExpired(): Promise<void> {
    await this.page.waitForFunction(() => JSON.parse(localStorage.unexpired).expiresAt < Date.now());
  }

  /** A counter of the backend, as the page shows it. */
  async count(name: string): Promise<number> {
    const counter = this.page.locator('.counters div', { has: this.page.getByText(name, { exact: true }) });
    return Number(await counter.locator('dd').textContent());
  }

  /** How many calls to a path the browser has made. */
  calls(path: string): number {
    return this.requests.filter((known) => known === path).length;
  }

  events(text: string): Promise<number> {
    return this.page.getByRole('listitem').filter({ hasText: text }).count();
  }
}

/** The counters of the backend in the demo's own process. */
export async function serverStats({ url }: Demo): Promise<TestBackendStats> {
  return (await command({ url }, {})).stats;
}

export async function command(
  { url }: Pick<Demo, 'url'>,
  what: object,
): Promise<{ stats: TestBackendStats }> {
  const answer = await fetch(new URL('/backend', url), { method: 'POST', body: JSON.stringify(what) });
  return (await answer.json()) as { stats: TestBackendStats };
}
