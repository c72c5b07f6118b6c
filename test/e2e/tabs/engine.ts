/** As much of a browser as a test of its tabs needs. */
export interface TabBrowser {
  /** A new tab, once it has loaded. All tabs of a browser share its storage. */
  open(url: string): Promise<Tab>;
  close(): Promise<void>;
}

export interface Tab {
  /** Runs in the page, so that it sees nothing of the module around it. */
  evaluate<T>(script: () => T | Promise<T>): Promise<T>;
}

/** What both Playwrights have, the one for Chromium and the one for Firefox. */
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
