/** The parts of a browser that a test of its tabs needs. */
export interface TabBrowser {
  /** Opens a new tab and waits until it has loaded. All tabs of a browser share its storage. */
  open(url: string): Promise<Tab>;
  close(): Promise<void>;
}

export interface Tab {
  /** Runs in the page, so the function cannot use variables of its module. */
  evaluate<T>(script: () => T | Promise<T>): Promise<T>;
}

/** The common part of both Playwright versions, one for Chromium and one for Firefox. */
interface PlaywrightBrowser {
  newContext(): Promise<{ newPage(): Promise<Tab & { goto(url: string): Promise<unknown> }> }>;
  close(): Promise<void>;
}

export async function overPlaywright(browser: PlaywrightBrowser): Promise<TabBrowser> {
  const context = await browser.newContext();
  return {
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    close: () => browser.close(),
  };
}
