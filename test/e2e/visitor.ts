import type { Locator, Page } from 'playwright-core';

/** What is done and seen on a page of `demo/`, whichever it is. */
export abstract class Visitor {
  abstract readonly page: Page;
  /** Of the first page. */
  abstract readonly url: string;

  /** With its query. */
  path(): string {
    return this.page.url().slice(new URL(this.url).origin.length);
  }

  async open(path = ''): Promise<void> {
    await this.page.goto(new URL(path, this.url).href);
  }

  button(name: string): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  heading(name: string): Promise<void> {
    return this.page.getByRole('heading', { name }).waitFor();
  }

  async signIn(password?: string): Promise<void> {
    if (password) await this.page.getByLabel('Password').fill(password);
    await this.button('Sign in').click();
  }

  /** Until the page says so of its state. */
  says(text: string): Promise<void> {
    return this.page.getByRole('status').filter({ hasText: text }).waitFor();
  }

  /** Until an error is shown. */
  warns(text: string): Promise<void> {
    return this.page.getByRole('alert').filter({ hasText: text }).waitFor();
  }
}
