import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build, preview } from 'vite';

const root = join(import.meta.dirname, '../..');

export interface PackedApp {
  folder: string;
  tarball: string;
  /** Runs a command in the folder. Returns its output. */
  run(command: string, ...args: string[]): string;
  remove(): void;
}

export interface PackedAppOptions {
  /** The application, a folder of the repository. @default an empty one */
  from?: string;
  /** The packages that it imports besides `unexpired`; the repository must have them. */
  packages: readonly string[];
}

/** An application in its own folder, with the packed tarball unpacked where npm would put it. Needs `npm run build`. */
export function createPackedApp({ from, packages }: PackedAppOptions): PackedApp {
  const folder = mkdtempSync(join(tmpdir(), 'unexpired-'));
  // Its tsconfig.json is for the editor and points to the source.
  const filter = (path: string) => !path.endsWith('tsconfig.json');
  if (from) cpSync(join(root, from), folder, { recursive: true, filter });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', type: 'module' }));
  const tarball = join(folder, pack(folder));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'unexpired'), { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'unexpired'), '--strip-components=1']);
  for (const name of ['jwt-decode', ...packages]) link(name, modules);
  return {
    folder,
    tarball,
    run: (command, ...args) => execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function pack(destination: string): string {
  const args = ['pack', '--ignore-scripts', '--json', `--pack-destination=${destination}`];
  const [packed] = JSON.parse(execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }));
  return packed.filename;
}

function link(name: string, modules: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(join(root, 'node_modules', name), join(modules, name));
}

export interface ServedApp {
  url: string;
  close(): Promise<void>;
}

/** Builds an application with its own vite.config.ts and serves the result, with the page for every other path. */
export async function serveBuilt({ folder }: PackedApp): Promise<ServedApp> {
  const config = { root: folder, logLevel: 'error' } as const;
  await build(config);
  const server = await preview({ ...config, preview: { port: 0 } });
  return { url: server.resolvedUrls!.local[0]!, close: () => server.close() };
}
