import { globSync } from 'node:fs';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');

/**
 * Each `environment.js` exports by name:
 *   packages   the packages to install besides the tarball, with exact versions
 *   fixture    the folder with the files of the application, beside this file; `fixture` by default
 *   check      tests the application; throws if something is wrong
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
