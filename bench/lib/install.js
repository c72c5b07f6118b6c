import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Copies the built package to the place where npm would install it. So it uses the same axios and jwt-decode as the other
 * contenders. A link would resolve them from the package's own `node_modules`.
 */
export function installBuilt() {
  const target = path('../node_modules/unexpired/');
  rmSync(target, { recursive: true, force: true });
  for (const name of ['dist', 'package.json'])
    cpSync(path(`../../${name}`), `${target}${name}`, { recursive: true });
}
