import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE = `${ROOT}src`;
const BUILT = `${ROOT}dist/index.js`;

/** Builds the package if the build is missing or out of date, because the demo uses the package as it is published. */
export function buildIfNeeded() {
  if (existsSync(BUILT) && modifiedAt(BUILT) >= newestIn(SOURCE)) return;
  console.log('Building the package…');
  // With a shell, because npm is a script with another file extension on Windows.
  const { status } = spawnSync('npm run --silent build', { cwd: ROOT, shell: true, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function newestIn(folder) {
  const files = readdirSync(folder, { recursive: true }).map((name) => `${folder}/${name}`);
  return Math.max(...files.map(modifiedAt));
}

function modifiedAt(file) {
  return statSync(file).mtimeMs;
}
