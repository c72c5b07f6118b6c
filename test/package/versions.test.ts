import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const table = read('docs/environments.md').split('## ')[0]!;

/** The cells of a row: the oldest versions, and the newest that was tried. */
function rowOf(name: string): [oldest: string[], newest: string] {
  const row = new RegExp(`^\\| ${name} \\| (.*?) \\| (.*?) \\|`, 'm').exec(table);
  if (!row) throw new Error(`docs/environments.md has no row for ${name}`);
  return [row[1]!.split(', '), row[2]!];
}

const installed = (name: string): string => JSON.parse(read(`node_modules/${name}/package.json`)).version;
const isOf = (version: string, release: string) => `${version}.`.startsWith(`${release}.`);

/** The versions of a package that the environments install, by the name of the environment. */
async function versionIn(environment: string, name: string): Promise<string> {
  const { loadEnvironments } = await import(join(root, 'scripts/environments/support/environments.js'));
  const all: { name: string; packages: Record<string, string> }[] = await loadEnvironments();
  const found = all.find((one) => one.name === environment);
  if (!found) throw new Error(`No such environment; there are ${all.map((one) => one.name).join(', ')}`);
  return found.packages[name]!;
}

it.each([
  ['axios', 'axios'],
  ['TypeScript', 'typescript'],
  ['Vue', 'vue'],
  ['Pinia', 'pinia'],
  ['Vuex', 'vuex'],
  ['React', 'react'],
])('the newest %s in the table of versions is the one that the tests use', (row, name) => {
  const [, newest] = rowOf(row);
  expect(isOf(installed(name), newest)).toBe(true);
});

it('the newest Node and browsers in the table are those of the tests', () => {
  expect(isOf(process.versions.node, rowOf('Node')[1])).toBe(true);
  const [, engines] = rowOf('browsers');
  expect(isOf(installed('playwright-core'), engines.split(' ').at(-1)!)).toBe(true);
});

it.each([
  ['axios', 0, () => installed('axios-1.7')],
  ['React', 0, () => installed('react-18')],
  ['TypeScript', 0, () => versionIn('typescript-5.0', 'typescript')],
  ['Vue', 0, () => versionIn('vue-2', 'vue')],
  ['Vue', 1, () => versionIn('vue-3.3', 'vue')],
  ['Pinia', 0, () => versionIn('vue-3.3', 'pinia')],
  ['Vuex', 0, () => versionIn('vue-2', 'vuex')],
])('the oldest %s in the table of versions is tried: %i', async (row, index, version) => {
  const [oldest] = rowOf(row);
  expect(isOf(await version(), oldest[index]!)).toBe(true);
});

it('the oldest Node in the table is the one that package.json demands', () => {
  expect(JSON.parse(read('package.json')).engines.node).toBe(`>=${rowOf('Node')[0]}`);
});
