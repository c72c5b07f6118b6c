import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPackedApp, type PackedApp } from '../support/packed-app.ts';

const root = join(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');

/** Packages that set globals when they are imported. They are not ours. */
const KEEPS_GLOBALS: Record<string, string> = { './testing': 'msw', './vue': 'vue' };

let app: PackedApp;

beforeAll(() => {
  app = createPackedApp({ packages: ['axios', 'msw', 'react', 'typescript', 'vue'] });
});

afterAll(() => app.remove());

describe('the packed tarball', () => {
  it('contains the built files, their sources and the texts, but no other file', () => {
    const names = readdirSync(join(app.folder, 'node_modules/unexpired'));
    const texts = ['LICENSE', 'README.md', 'README.zh-CN.md', 'package.json'];
    // `axios/package.json` and others, for tools that do not read `exports`.
    const folders = entries.map((entry) => entry.split('/')[1]).filter((name) => name !== undefined);
    expect(names.sort()).toEqual([...new Set([...texts, ...folders, 'dist', 'src'])].sort());
  });

  it('names no version of a peer, because npm would apply an optional range to applications that use other entries', () => {
    expect(Object.values(manifest.peerDependencies).filter((range) => range !== '*')).toEqual([]);
  });

  it('has exactly the files that its modules need: types, maps, sources, and a package.json for each entry', () => {
    const folder = join(app.folder, 'node_modules/unexpired');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
    const folders = entries.map((entry) => `${entry}/package.json`.replace('./', ''));
    const isText = (file: string) => /^(LICENSE|README(\.zh-CN)?\.md|package\.json)$/.test(file);
    const isSource = (file: string) => /^src\/[\w/-]+\.ts$/.test(file);
    const built = files.flatMap((file) => /^dist\/([\w/-]+)\.(.*)$/.exec(file)?.slice(1, 3).join(' ') ?? []);
    const strays = files.filter(
      (file) => !isText(file) && !isSource(file) && !/^dist\/[\w/-]+\.\w/.test(file),
    );
    expect(strays.sort()).toEqual(folders.filter((file) => file !== 'package.json').sort());
    const modules = files.filter(isSource).map((file) => file.replace(/^src\/(.*)\.ts$/, '$1'));
    const kinds = ['js', 'cjs', 'js.map', 'cjs.map', 'd.ts', 'd.cts'];
    const expected = modules.flatMap((name) => kinds.map((kind) => `${name} ${kind}`));
    // A file with only types compiles to no code.
    expect(built.filter((file) => !expected.includes(file))).toEqual([]);
    expect(
      modules.filter((name) => !built.includes(`${name} d.ts`) || !built.includes(`${name} d.cts`)),
    ).toEqual([]);
    expect(built).toContain('recorder/index cjs');
  });

  it('passes publint', () => {
    expect(app.run(bin('publint'), '--strict', app.tarball)).toContain('All good');
  });

  it('has types for every entry in every resolution, according to arethetypeswrong', () => {
    expect(app.run(bin('attw'), '--format', 'ascii', app.tarball)).toContain('No problems found');
  });

  it.each(
    entries.flatMap((entry) => [
      [entry, 'await import'],
      [entry, 'require'],
    ]),
  )('%s can be loaded with %s, and touches no global', (entry, load) => {
    const name = join('unexpired', entry).replaceAll('\\', '/');
    const script = `
      const require = process.getBuiltinModule('node:module').createRequire('${app.folder}/app.js');
      ${KEEPS_GLOBALS[entry] ? `${load}('${KEEPS_GLOBALS[entry]}');` : ''}
      const before = Object.getOwnPropertyNames(globalThis).length;
      const names = Object.keys(${load}('${name}'));
      if (Object.getOwnPropertyNames(globalThis).length !== before) throw new Error('a global was touched');
      console.log(names.length);`;
    expect(Number(app.run(process.execPath, '--input-type=module', '--eval', script))).toBeGreaterThan(0);
  });

  it.each([
    ['await import', 'await import'],
    ['await import', 'require'],
    ['require', 'await import'],
    ['require', 'require'],
  ])('a client from %s accepts a session from %s', (loadCore, loadClient) => {
    const script = `
      const require = process.getBuiltinModule('node:module').createRequire('${app.folder}/app.js');
      const { createSession, envelopeBackend } = ${loadCore}('unexpired');
      const { attachSession } = ${loadClient}('unexpired/axios');
      const { createSessionFetch } = ${loadClient}('unexpired/fetch');
      const axios = require('axios');
      const session = createSession({ backend: envelopeBackend({ url: 'https://api.test/update_token/' }) });
      await session.signIn({ accessToken: 'a', refreshToken: 'r' });
      const sent = [];
      const adapter = async (config) => {
        sent.push(config.headers.get('Authorization'));
        return { config, status: 200, headers: {} };
      };
      const api = axios.create({ baseURL: 'https://api.test', adapter });
      attachSession(api, session);
      await api.get('/');
      globalThis.fetch = async (input, init) => new Request(input, init);
      const request = await createSessionFetch(session, { origins: ['https://api.test'] })('https://api.test/');
      console.log(...sent, request.headers.get('Authorization'));`;
    expect(app.run(process.execPath, '--input-type=module', '--eval', script)).toBe('a a\n');
  });

  it('names the solution if a session comes from another version of the package', () => {
    const other = join(app.folder, 'node_modules/another-version');
    cpSync(join(app.folder, 'node_modules/unexpired'), other, { recursive: true });
    for (const file of ['dist/session.js', 'dist/session.cjs']) {
      const code = readFileSync(join(other, file), 'utf8');
      expect(code).toContain(`unexpired@${manifest.version}`);
      writeFileSync(join(other, file), code.replace(`unexpired@${manifest.version}`, 'unexpired@0.0.1'));
    }
    const script = `
      import { createSession, envelopeBackend } from 'another-version';
      import { createSessionFetch } from 'unexpired/fetch';
      const session = createSession({ backend: envelopeBackend({ url: 'https://api.test/update_token/' }) });
      try { createSessionFetch(session); } catch (error) { console.log(error.message); }`;
    expect(app.run(process.execPath, '--input-type=module', '--eval', script)).toContain(
      'a second copy of this package',
    );
  });

  it.each([
    ['NodeNext', 'NodeNext'],
    ['ESNext', 'Bundler'],
  ])('compiles in an application with module %s and resolution %s', (module, moduleResolution) => {
    writeFileSync(
      join(app.folder, 'app.ts'),
      `import axios from 'axios';
       import { createSession, envelopeBackend, type Session, type TokenStore } from 'unexpired';
       import { attachSession } from 'unexpired/axios';
       import { piniaStore } from 'unexpired/pinia';
       import { record, type Report } from 'unexpired/recorder';
       import { createTestBackend } from 'unexpired/testing';
       import { createSessionPlugin, requireSignIn, useSession } from 'unexpired/vue';
       import { vuexStore } from 'unexpired/vuex';
       import { createApp } from 'vue';
       let held: Awaited<ReturnType<TokenStore['read']>> = null;
       const store: TokenStore = { read: () => held, write: (tokens) => void (held = tokens) };
       const session: Session = createSession({ backend: envelopeBackend({ url: '/update_token/' }), store });
       const detach: () => void = attachSession(axios.create(), session, { exclude: ['/login/', /^\\/public/] });
       export const report: Report = record(session, { survive: true }).report();
       export const answer = axios.get('/', { session: false });
       export const stats = createTestBackend({ rotation: 'grace' }).stats;
       createApp({}).use(createSessionPlugin(session)).runWithContext(() => useSession().status.value);
       export const bindings = [piniaStore, vuexStore, requireSignIn(session, { to: '/login' })];
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
      join(app.folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['app.ts'] }),
    );
    expect(app.run(bin('tsc'), '-p', app.folder)).toBe('');
  });
});
