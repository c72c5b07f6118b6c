import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadEnvironments } from './support/environments.js';
import { createFolder } from './support/folder.js';
import { pack } from './support/pack.js';

/**
 * Tests the packed tarball in the tools and frameworks that applications use, each in an empty folder. Needs `npm run
 * build`.
 */
const AT_ONCE = 2;

const { only = [], keep } = parseArgs({
  options: { only: { type: 'string', multiple: true }, keep: { type: 'boolean' } },
}).values;
const all = await loadEnvironments();
const chosen = all.filter(({ name }) => !only.length || only.some((start) => name.startsWith(start)));
if (!chosen.length)
  throw new Error(`No such environment; there are ${all.map(({ name }) => name).join(', ')}`);

const home = mkdtempSync(join(tmpdir(), 'unexpired-environments-'));
const tarball = pack(home);
const queue = [...chosen];
let passed = 0;
await Promise.all(Array.from({ length: AT_ONCE }, work));
if (keep) console.log(`The folders are in ${home}`);
else rmSync(home, { recursive: true, force: true, maxRetries: 5 });
console.log(`${passed} passed, ${chosen.length - passed} failed`);
process.exit(passed === chosen.length ? 0 : 1);

async function work() {
  for (let next = queue.shift(); next; next = queue.shift()) await attempt(next);
}

async function attempt(environment) {
  const { name, check } = environment;
  const start = Date.now();
  const folder = createFolder(join(home, name), environment, tarball);
  const tell = (outcome, log = console.log) =>
    log(`${name.padEnd(20)} ${outcome} ${String(Math.round((Date.now() - start) / 1000)).padStart(4)} s`);
  try {
    await folder.install();
    await check(folder);
    passed++;
    tell('ok    ');
  } catch (error) {
    tell('FAILED', console.error);
    console.error(`${folder.logs()}\n${error.stack}`);
  } finally {
    await folder.end();
    if (!keep) rmSync(folder.path, { recursive: true, force: true, maxRetries: 5 });
  }
}
