import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
let folder: string;

/** An application with only the built package: no msw, no axios. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unexpired-alone-'));
  const installed = join(folder, 'node_modules/unexpired');
  mkdirSync(installed, { recursive: true });
  for (const name of ['package.json', 'dist'])
    cpSync(join(root, name), join(installed, name), { recursive: true });
  symlinkSync(join(root, 'node_modules/jwt-decode'), join(folder, 'node_modules/jwt-decode'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(code: string): string {
  const args = ['--input-type=module', '--eval', code];
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

describe('if msw is not installed', () => {
  it('unexpired/testing/backend works', () => {
    const code = `
      import { createTestBackend } from 'unexpired/testing/backend';
      const backend = createTestBackend();
      const { data } = backend.issueTokens();
      const answer = await backend.fetch(new Request('http://localhost/order/', { headers: { Authorization: data.token } }));
      console.log(answer.status, 'handlers' in backend);`;
    expect(run(code)).toBe('200 false\n');
  });

  it('its types compile without skipLibCheck', () => {
    writeFileSync(
      join(folder, 'app.ts'),
      `import { createTestBackend, type TestBackend } from 'unexpired/testing/backend';
       export const backend: TestBackend = createTestBackend({ protocol: 'oauth2', clientId: 'app' });`,
    );
    const options = ['--strict', '--noEmit', '--module', 'NodeNext', '--target', 'ES2022', '--types', ''];
    const args = ['app.ts', ...options, '--lib', 'ES2022,DOM,DOM.Iterable'];
    expect(
      execFileSync(join(root, 'node_modules/.bin/tsc'), args, {
        cwd: folder,
        encoding: 'utf8',
        stdio: 'pipe',
      }),
    ).toBe('');
  });

  it('unexpired/testing names the missing package', () => {
    expect(() => run(`import 'unexpired/testing';`)).toThrow("Cannot find package 'msw'");
  });
});
