import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');

let folder: string;
let tarball: string;

const run = (command: string, ...args: string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });

/** The packed tarball, unpacked where npm would put it, beside the packages that the repository has. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'unexpired-'));
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', `--pack-destination=${folder}`], {
      cwd: root,
      encoding: 'utf8',
      stdio: 'pipe',
    }),
  );
  tarball = join(folder, packed.filename);
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'unexpired'), { recursive: true });
  run('tar', '-xzf', tarball, '-C', join(modules, 'unexpired'), '--strip-components=1');
  for (const name of ['axios', 'jwt-decode', 'msw', 'typescript'])
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module' }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the packed tarball', () => {
  it('holds the built files, their sources and the texts, and nothing else', () => {
    const names = readdirSync(join(folder, 'node_modules/unexpired'));
    expect(names.sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'src']);
  });

  it('passes publint', () => {
    expect(run(bin('publint'), '--strict', tarball)).toContain('All good');
  });

  it('has types for every entry, as arethetypeswrong sees it', () => {
    expect(run(bin('attw'), '--profile', 'esm-only', '--format', 'ascii', tarball)).toContain('(ESM)');
  });

  // msw, which the testing entry imports, keeps globals of its own.
  it.each(entries)('%s can be imported, and touches no global', (entry) => {
    const name = join('unexpired', entry).replaceAll('\\', '/');
    const script = `
      const before = Object.getOwnPropertyNames(globalThis).length;
      const names = Object.keys(await import('${name}'));
      if (Object.getOwnPropertyNames(globalThis).length !== before && '${entry}' !== './testing') throw new Error('a global was touched');
      console.log(names.length);`;
    expect(Number(run(process.execPath, '--input-type=module', '--eval', script))).toBeGreaterThan(0);
  });

  it('shares one core between its entries', () => {
    const script = `
      import axios from 'axios';
      import { createSession, envelopeBackend } from 'unexpired';
      import { attachSession } from 'unexpired/axios';
      const session = createSession({ backend: envelopeBackend({ url: 'https://api.test/update_token/' }) });
      attachSession(axios.create(), session)();
      console.log(session.status);`;
    expect(run(process.execPath, '--input-type=module', '--eval', script)).toBe('signed-out\n');
  });

  it.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ])('compiles in an application with module %s and resolution %s', (module, moduleResolution) => {
    writeFileSync(
      join(folder, 'app.ts'),
      `import axios from 'axios';
       import { createSession, envelopeBackend, type Session, type TokenStore } from 'unexpired';
       import { attachSession } from 'unexpired/axios';
       import { createTestBackend } from 'unexpired/testing';
       let held: Awaited<ReturnType<TokenStore['read']>> = null;
       const store: TokenStore = { read: () => held, write: (tokens) => void (held = tokens) };
       const session: Session = createSession({ backend: envelopeBackend({ url: '/update_token/' }), store });
       const detach: () => void = attachSession(axios.create(), session, { exclude: ['/login/', /^\\/public/] });
       export const answer = axios.get('/', { session: false });
       export const stats = createTestBackend({ rotation: 'grace' }).stats;
       detach();`,
    );
    const options = {
      strict: true,
      noEmit: true,
      target: 'ES2022',
      module,
      moduleResolution,
      lib: ['ES2022', 'DOM', 'DOM.Iterable'],
      types: [],
      skipLibCheck: true,
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['app.ts'] }),
    );
    expect(run(bin('tsc'), '-p', folder)).toBe('');
  });
});
