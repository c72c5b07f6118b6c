import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { newContext, watchComplaints } from '../support/browser.ts';
import { createPackedApp, type PackedApp, type PackedAppOptions, serveBuilt } from '../support/packed-app.ts';
import { Visitor } from './visitor.ts';

/**
 * An application in `demo/`, built from the packed tarball. Each test opens a new page and fails if the page reports
 * an error.
 */
export class AppVisitor extends Visitor {
  app!: PackedApp;
  page!: Page;
  url!: string;

  constructor(options: PackedAppOptions) {
    super();
    let close: (() => Promise<void>) | undefined;
    let complaints: string[];
    beforeAll(async () => {
      this.app = createPackedApp(options);
      const served = await serveBuilt(this.app);
      this.url = served.url;
      close = served.close;
    });
    afterAll(async () => {
      await close?.();
      this.app?.remove();
    });
    beforeEach(async () => {
      this.page = await (await newContext()).newPage();
      complaints = watchComplaints(this.page);
    });
    afterEach(() => expect(complaints).toEqual([]));
  }

  /** A signed-out user is redirected to the login page. */
  override async open(at?: string): Promise<void> {
    await super.open(at);
    await this.heading('Sign in');
  }

  async enter(at?: string): Promise<void> {
    await this.open(at);
    await this.signIn();
  }
}
