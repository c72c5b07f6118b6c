import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Environment {
  name: string;
  packages: Record<string, string>;
}

/** For each row: the installed package, and the environments that test it, without their version. */
const ROWS: Record<string, [name: string, ...environments: string[]]> = {
  Node: ['node'],
  TypeScript: ['typescript', 'typescript'],
  axios: ['axios'],
  Vue: ['vue', 'vue'],
  'Vue Router': ['vue-router'],
  Pinia: ['pinia'],
  Vuex: ['vuex'],
  React: ['react', 'react'],
  msw: ['msw'],
  webpack: ['webpack', 'webpack'],
  esbuild: ['esbuild', 'esbuild'],
  Rollup: ['rollup', 'rollup'],
  Parcel: ['parcel', 'parcel'],
  Vite: ['vite', 'vite', 'vite-hot-reload'],
  Jest: ['jest', 'jest'],
  'Next.js': ['next', 'next'],
  Nuxt: ['nuxt', 'nuxt'],
  'React Native': ['metro', 'react-native'],
};
/** Rows without versions of a package. */
const OTHERS = { browsers: [], 'Mini programs': ['mini-program'] };

const loader = pathToFileURL(join(root, 'scripts/environments/support/environments.js')).href;
const { loadEnvironments } = (await import(loader)) as { loadEnvironments(): Promise<Environment[]> };
const environments = await loadEnvironments();

/** The cells of the table by the name of their row. */
function tableOf(page: string): Map<string, string[]> {
  const rows = [...read(page).matchAll(/^\|(.*)\|$/gm)].map(([, row = '']) =>
    row.split('|').map((cell) => cell.trim()),
  );
  const nameOf = (cell = '') => cell.replace(/^\[(.*?)\].*/, '$1').replace(/ \(.*/, '');
  return new Map(rows.slice(2).map(([first, ...cells]) => [nameOf(first), cells]));
}

/** The major and minor versions of a package in the environments and in the tests of this repository. */
function triedVersions(name: string): string[] {
  // With older compilers, these are installed only for their types.
  const installed = environments
    .filter((environment) => name === 'typescript' || !environment.name.startsWith('typescript-'))
    .flatMap(({ packages }) => packages[name] ?? []);
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { name?: string; version: string; devDependencies?: object }>;
  };
  const own = Object.keys(packages['']?.devDependencies ?? {}).flatMap((alias) => {
    const entry = packages[`node_modules/${alias}`];
    return entry && (entry.name ?? alias) === name ? entry.version : [];
  });
  const minors = [...installed, ...own].map((version) => version.split('.').slice(0, 2).join('.'));
  return [...new Set(minors)].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}

const versionsIn = (cell: string) => cell.match(/\d+(\.\d+)*/g) ?? [];

describe('the table of supported versions', () => {
  const table = tableOf('docs/environments.md');

  it('has a row for each tested environment', () => {
    expect([...table.keys()].sort()).toEqual([...Object.keys(ROWS), ...Object.keys(OTHERS)].sort());
    const named = [...Object.values(ROWS).map(([, ...names]) => names), ...Object.values(OTHERS)].flat();
    const tried = environments.map(({ name }) => name.replace(/-[\d.]+$/, ''));
    expect(named.sort()).toEqual([...new Set(tried)].sort());
  });

  it.each(Object.entries(ROWS).filter(([row]) => row !== 'Node'))(
    'names the tested versions of %s',
    (row, [name]) => {
      const [worksWith = '', triedWith = ''] = table.get(row)!;
      const tried = triedVersions(name);
      const named = versionsIn(triedWith.replace(/, with .*/, ''));
      expect(named).toEqual(tried);
      const isTried = (version: string) => tried.some((one) => `${one}.`.startsWith(`${version}.`));
      expect(versionsIn(worksWith).filter((version) => !isTried(version))).toEqual([]);
    },
  );

  it('names the version of Node that runs the tests, and the oldest that package.json allows', () => {
    const oldest = /\d+/.exec(JSON.parse(read('package.json')).engines.node)![0];
    const [worksWith = '', triedWith = ''] = table.get('Node')!;
    expect(worksWith).toBe(`${oldest} and later`);
    expect(versionsIn(triedWith)).toEqual([...triedVersions('node'), oldest]);
  });

  it('is the same in Chinese', () => {
    const versions = (page: string) =>
      [...tableOf(page).values()].map((cells) => cells.slice(0, 2).map(versionsIn));
    expect(versions('docs/zh/environments.md')).toEqual(versions('docs/environments.md'));
  });
});
