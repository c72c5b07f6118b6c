import { cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/**
 * Lays the built package where npm would lay it, so that it takes the axios and the jwt-decode that its peers take. A link
 * to it would take those of its own `node_modules`.
 */
export function installBuilt() {
  const target = path('../node_modules/unexpired/');
  rmSync(target, { recursive: true, force: true });
  for (const name of ['dist', 'package.json'])
    cpSync(path(`../../${name}`), `${target}${name}`, { recursive: true });
}
