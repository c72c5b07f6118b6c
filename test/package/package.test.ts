import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPackedApp, type PackedApp } from '../support/packed-app.ts';

const root = join(import.meta.dirname, '../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const entries = Object.keys(manifest.exports).filter((entry) => entry !== './package.json');

let app: PackedApp;

beforeAll(() => {
  app = createPackedApp({ packages: ['axios', 'msw', 'react', 'typescript', 'vue'] });
});

afterAll(() => app.remove());

describe('the packed tarball', () => {
  it('holds the built files, their sources and the texts, and nothing else', () => {
    const names = readdirSync(join(app.folder, 'node_modules/unexpired'));
    expect(names.sort()).toEqual(['LICENSE', 'README.md', 'dist', 'package.json', 'src']);
  });

  it('passes publint', () => {
    expect(app.run(bin('publint'), '--strict', app.tarball)).toContain('All good');
  });

  it('has types for every entry, as arethetypeswrong sees it', () => {
    expect(app.run(bin('attw'), '--profile', 'esm-only', '--format', 'ascii', app.tarball)).toContain(
      '(ESM)',
    );
  });

  // msw, which the testing entry imports, keeps globals of its own.
  it.each(entries)('%s can be imported, and touches no global', (entry) => {
    const name = join('unexpired', entry).replaceAll('\\', '/');
    const script = `
      const before = Object.getOwnPropertyNames(globalThis).length;
      const names = Object.keys(await import('${name}'));
      if (Object.getOwnPropertyNames(globalThis).length !== before && '${entry}' !== './testing') throw new Error('a global was touched');
      console.log(names.length);`;
    expect(Number(app.run(process.execPath, '--input-type=module', '--eval', script))).toBeGreaterThan(0);
  });

  it('shares one core between its entries', () => {
    const script = `
      import axios from 'axios';
      import { createSession, envelopeBackend } from 'unexpired';
      import { attachSession } from 'unexpired/axios';
      const session = createSession({ backend: envelopeBackend({ url: 'https://api.test/update_token/' }) });
      attachSession(axios.create(), session)();
      console.log(session.status);`;
    expect(app.run(process.execPath, '--input-type=module', '--eval', script)).toBe('signed-out\n');
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
       import { createTestBackend } from 'unexpired/testing';
       import { createSessionPlugin, requireSignIn, useSession } from 'unexpired/vue';
       import { vuexStore } from 'unexpired/vuex';
       import { createApp } from 'vue';
       let held: Awaited<ReturnType<TokenStore['read']>> = null;
       const store: TokenStore = { read: () => held, write: (tokens) => void (held = tokens) };
       const session: Session = createSession({ backend: envelopeBackend({ url: '/update_token/' }), store });
       const detach: () => void = attachSession(axios.create(), session, { exclude: ['/login/', /^\\/public/] });
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
