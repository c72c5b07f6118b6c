import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { BackendName, Counts, ToBackend } from '../../demo/backend/messages.ts';
import { watchComplaints } from '../support/browser.ts';

/** A row between the columns. */
export type Score = Record<string, [copied: string, unexpired: string]>;

/** A request of the page to a backend, as recorded at the page's port. */
interface Sent {
  to: BackendName;
  path: string;
}

declare global {
  var sent: Sent[];
  var noted: string[];
  var isHolding: boolean;
  var release: () => void;
  var playground: { counts(name: BackendName): Promise<Counts> };
}

/** The playground as a visitor sees it. */
export class Playground {
  readonly page: Page;
  readonly complaints: string[];

  private constructor(page: Page) {
    this.page = page;
    this.complaints = watchComplaints(page);
  }

  static async open(context: BrowserContext, url: string): Promise<Playground> {
    await context.addInitScript(noteRequests);
    const playground = new Playground(await context.newPage());
    await playground.page.goto(url);
    await playground.button('Play it').waitFor();
    return playground;
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  part(title: string): Locator {
    return this.page.locator('details.part', { hasText: title });
  }

  async unfold(title: string): Promise<Locator> {
    const part = this.part(title);
    await part.locator('> summary').click();
    return part;
  }

  async play(): Promise<void> {
    await this.button('Play it').click();
    await this.finished(this.stage('The story'));
  }

  stage(label: string): Locator {
    return this.page.getByRole('region', { name: label });
  }

  finished(stage: Locator): Promise<void> {
    return stage.and(this.page.locator('[aria-busy=false]')).waitFor();
  }

  choose(cable: string): Promise<void> {
    return this.page.getByRole('radio', { name: cable, exact: true }).check();
  }

  /** Pulls a cable, and waits until both columns are done. */
  async pull(name: string): Promise<Locator> {
    await this.choose(name);
    await this.button('Pull it').click();
    const stage = this.stage(`Cable: ${name}`);
    await stage.and(this.page.locator('[aria-busy=true]')).waitFor();
    await this.finished(stage);
    return stage;
  }

  /** The numbers between the two columns. */
  async score(stage: Locator): Promise<Score> {
    const rows = await stage.locator('.score tbody tr').all();
    const cells = await Promise.all(rows.map((row) => row.locator('td, th').allTextContents()));
    return Object.fromEntries(
      cells.map(([copied = '', name = '', unexpired = '']) => [name, [copied, unexpired]]),
    );
  }

  /** The current counts of a backend. */
  counts(name: BackendName): Promise<Counts> {
    return this.page.evaluate((backend) => playground.counts(backend), name);
  }

  /** The number of requests from the page to a backend, for each path. */
  async sent(to: BackendName, path: string): Promise<number> {
    const all = await this.page.evaluate(() => sent);
    return all.filter((request) => request.to === to && request.path === path).length;
  }

  /** The sentence about the result of a column. */
  outcome(stage: Locator, column: 'copied' | 'unexpired'): Promise<string | null> {
    return stage.locator(`.column.${column} .outcome`).textContent();
  }

  /** Holds the refresh calls in the page until `release`, so that a run stops there. */
  hold(): Promise<void> {
    return this.page.evaluate(() => {
      isHolding = true;
    });
  }

  release(): Promise<void> {
    return this.page.evaluate(() => release());
  }

  /** Records the tokens that the applications store after this call. */
  noteTokens(): Promise<void> {
    return this.page.evaluate(noteTokens);
  }

  tokens(): Promise<string[]> {
    return this.page.evaluate(() => noted);
  }

  /** Presses Tab until the element with this name has the focus and is visible. */
  async focus(name: string): Promise<void> {
    for (let step = 0; step < 40; step++) {
      await this.page.keyboard.press('Tab');
      if (await this.page.evaluate(isFocused, name)) return;
    }
    throw new Error(`"${name}" cannot be reached with the keyboard`);
  }
}

/** Runs in the page. Counts the page's requests, independently of the page's own numbers, and can hold them. */
function noteRequests(): void {
  globalThis.sent = [];
  globalThis.isHolding = false;
  const held: (() => void)[] = [];
  globalThis.release = () => {
    globalThis.isHolding = false;
    for (const send of held.splice(0)) send();
  };
  const post = MessagePort.prototype.postMessage as (...args: unknown[]) => void;
  MessagePort.prototype.postMessage = function (...args: unknown[]) {
    const message = args[0] as ToBackend | null;
    const isRequest = message?.type === 'request';
    const path = isRequest ? new URL(message.request.url).pathname.replace(/^.*\/backend\/\w+/, '') : '';
    if (isRequest) globalThis.sent.push({ to: message.to, path });
    if (globalThis.isHolding && path === '/update_token/') held.push(() => post.apply(this, args));
    else post.apply(this, args);
  };
}

/** Runs in the page. Records the tokens that the applications store. */
function noteTokens(): void {
  globalThis.noted = [];
  const { setItem } = Storage.prototype;
  Storage.prototype.setItem = function (name, value) {
    globalThis.noted.push(...(value.match(/\w+\.\w+\.[\w-]+/g) ?? []));
    setItem.call(this, name, value);
  };
}

/** Runs in the page. */
function isFocused(name: string): boolean {
  const { activeElement: element } = document;
  const label = (element as HTMLInputElement | null)?.labels?.[0] ?? element;
  const visible = [element, element?.nextElementSibling].some(
    (shown) => shown && getComputedStyle(shown).outlineStyle !== 'none',
  );
  return visible && label?.textContent?.trim().startsWith(name) === true;
}
