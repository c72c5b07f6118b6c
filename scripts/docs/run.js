import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { brokenLinks } from './links.js';

/**
 * `npm run docs:build` builds the site into `docs/.vitepress/dist`, and fails on a dead link; `npm run docs` serves it while you
 * write. Both make the API reference and the playground first.
 */
const PLAYGROUND = 'docs/public/playground';
const [task] = process.argv.slice(2);

step('The API reference', process.execPath, 'scripts/api/build.js');
step('The playground', process.execPath, 'demo/build.js');
if (!existsSync('demo/dist/index.html')) fail('The playground: demo/build.js made no demo/dist/index.html');
rmSync(PLAYGROUND, { recursive: true, force: true });
cpSync('demo/dist', PLAYGROUND, { recursive: true });
step('The site', process.execPath, 'node_modules/vitepress/bin/vitepress.js', task, 'docs');
if (task === 'build') {
  const broken = brokenLinks('docs/.vitepress/dist');
  if (broken.length) fail(`Dead links:\n${broken.join('\n')}`);
}

function step(name, command, ...args) {
  const { status, signal } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) fail(`${name}: "${args.join(' ')}" ended with ${signal ?? `code ${status}`}`);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
