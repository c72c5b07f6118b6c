import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

/**
 * `npm test`: builds, and then runs the tests and all other checks at the same time. A step that passes prints one
 * line; a step that fails prints its output. `npm test -- test/clients` runs only these tests.
 */
const BUILD = [
  ['Clean', 'scripts/clean.js'],
  ['Compile src', 'tsc'],
  ['Bundle', 'rollup', '-c', '--silent'],
  ['Entry folders', 'scripts/write-entry-folders.js'],
];
const CHECKS = [
  ['Lint', 'biome', 'ci'],
  ['Types of the tests', 'tsc', '-p', 'test'],
  ['Types of the demo', 'tsc', '-p', 'demo'],
  ['Imports', 'scripts/check-imports.js'],
  ['Bundle sizes', 'scripts/size.js'],
  ['Oldest browsers', 'scripts/check-browsers.js'],
];
// Browser tests mostly wait, so one worker more than there are cores keeps the cores busy.
const VITEST = [
  'run',
  '--project=!engines',
  '--project=!django',
  '--project=!fleet',
  '--project=!site',
  `--maxWorkers=${availableParallelism() + 1}`,
  ...process.argv.slice(2),
];

const start = Date.now();
const failed = await inTurn(BUILD);
if (!failed.length) failed.push(...(await Promise.all([inTurn(CHECKS), runTests()])).flat());
const time = Math.round((Date.now() - start) / 1000);
console.log(failed.length ? `Failed after ${time} s: ${failed.join(', ')}` : `All passed in ${time} s`);
process.exitCode = failed.length ? 1 : 0;

/** Returns the names of the steps that failed. */
async function inTurn(steps) {
  const failed = [];
  for (const [name, ...command] of steps) if (!(await pass(name, command))) failed.push(name);
  return failed;
}

async function pass(name, command) {
  const start = Date.now();
  const { code, output } = await run(command);
  console.log(` ${code === 0 ? '✓' : '✗'} ${name} ${Date.now() - start}ms`);
  if (code !== 0) console.log(output);
  return code === 0;
}

async function runTests() {
  const { code } = await run(['vitest', ...VITEST], 'inherit');
  return code === 0 ? [] : ['Tests'];
}

/** Runs a script of this repository, or a command in node_modules. */
function run([command, ...args], stdio = 'pipe') {
  const isScript = command.startsWith('scripts/');
  const child = isScript
    ? spawn(process.execPath, [command, ...args], { stdio })
    : spawn(command, args, { stdio, shell: process.platform === 'win32' });
  let output = '';
  const note = (chunk) => (output += chunk);
  child.stdout?.on('data', note);
  child.stderr?.on('data', note);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, output: String(error) }));
    child.once('close', (code) => resolve({ code, output }));
  });
}
