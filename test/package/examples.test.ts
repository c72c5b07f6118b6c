import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

it.each([
  'node-server/session.ts',
  'node-server/server.ts',
  'nextjs/lib/session.ts',
  'nextjs/app/page.tsx',
  'workers/worker.ts',
])('examples/%s is in docs/fleet.md word for word', (file) => {
  expect(read('docs/fleet.md')).toContain(read(`examples/${file}`));
});

it('the Next.js example has the same tokens.ts as the Node server', () => {
  expect(read('examples/nextjs/lib/tokens.ts')).toBe(read('examples/node-server/session.ts'));
});
