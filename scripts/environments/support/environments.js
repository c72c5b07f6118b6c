import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Each `environment.js` exports by name:
 *   packages   what is installed beside the tarball, by exact version
 *   fixture    the files of the application, a folder beside it; `fixture` where nothing is said
 *   check      tries the application; throws where something is wrong
 */
export async function loadEnvironments() {
  const files = globSync('*/environment.js', { cwd: root }).sort();
  const modules = await Promise.all(files.map((file) => import(join(root, file))));
  return modules.flatMap(({ default: environments }, index) =>
    Object.entries(environments).map(([name, { fixture = 'fixture', ...environment }]) => ({
      name,
      ...environment,
      fixture: join(root, dirname(files[index]), fixture),
    })),
  );
}
