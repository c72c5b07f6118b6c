import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { serve } from '../support/http.js';
import { writeSnippets } from '../support/snippets.js';

interface Opening {
  opening(): Promise<string>;
  tryAgain(): Promise<string>;
}

/** The snippet of the backend guide for a page that opens with a session in a cookie. */
async function open(url: string): Promise<Opening> {
  // Inside the package, so that it can be imported by its own name.
  const folder = mkdtempSync(join(import.meta.dirname, 'opening-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeSnippets('docs/backends.md', folder);
  writeFileSync(
    join(folder, 'session.ts'),
    `import { cookieBackend, createSession } from 'unexpired';
     export const session = createSession({ backend: cookieBackend({ url: '${url}' }) });`,
  );
  const { session } = await import(/* @vite-ignore */ join(folder, 'session.ts'));
  onTestFinished(() => session.dispose());
  return import(/* @vite-ignore */ join(folder, 'opening.ts'));
}

it.each([
  [200, 'content'],
  [401, 'login'],
])('an unreachable server is shown, and then with status %i the %s', async (later, shown) => {
  let status = 404;
  const origin = await serve(async () => Response.json({ access_token: 'a', expires_in: 60 }, { status }));
  const { opening, tryAgain } = await open(`${origin}/auth/refresh`);
  expect(await opening()).toBe('unreachable');
  expect(await tryAgain()).toBe('unreachable');
  status = later;
  await expect.poll(tryAgain).toBe(shown);
});
