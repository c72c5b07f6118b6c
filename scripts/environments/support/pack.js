import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');

/** Packs the package as `npm publish` would. Returns the path of the tarball. */
export function pack(destination) {
  const args = ['pack', '--ignore-scripts', '--json', `--pack-destination=${destination}`];
  const [{ filename }] = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }),
  );
  return join(destination, filename);
}
