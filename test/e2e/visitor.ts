import type { Locator, Page } from 'playwright-core';

/** What a visitor does and sees on any page of `demo/`. */
export abstract class Visitor {
  abstract readonly page: Page;
  /** The URL of the first page. */
  abstract readonly url: string;

  /** The path with its query. */
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

  /** Waits until the page shows this state. */
  says(text: string): Promise<void> {
    return this.page.getByRole('status').filter({ hasText: text }).waitFor();
  }

  /** Waits until an error is shown. */
  warns(text: string): Promise<void> {
    return this.page.getByRole('alert').filter({ hasText: text }).waitFor();
  }
}
