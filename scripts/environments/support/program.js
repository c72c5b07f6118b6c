import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

const LIMIT = 600_000;

/** A program that runs in its own process group, with all processes that it starts. */
export function startProgram(command, args, { cwd, env } = {}) {
  const child = spawn(command, args, {
    cwd,
    env: { ...ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = `$ ${command} ${args.join(' ')}\n`;
  const read = (chunk) => {
    output += stripVTControlCharacters(chunk);
  };
  child.stdout.setEncoding('utf8').on('data', read);
  child.stderr.setEncoding('utf8').on('data', read);
  const kill = () => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {} // it has ended
  };
  const ended = finish(child, kill, () => output);
  ended.catch(() => {}); // without a caller that awaits the end, this rejection is ignored
  return {
    ended,
    get output() {
      return output;
    },
    /** Waits until its output matches. Returns the match. */
    printed: (pattern) => Promise.race([match(child, pattern, () => output), ended.then(fail)]),
    async stop() {
      kill();
      await ended.catch(() => {});
    },
  };
}

/** The environment of a user's own shell: without the variables that `npm run` adds. */
const ENVIRONMENT = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(package|lifecycle|config_local)/.test(name)),
  ),
  PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
  CI: 'true',
  NEXT_TELEMETRY_DISABLED: '1',
  NUXT_TELEMETRY_DISABLED: '1',
  PARCEL_WORKERS: '1',
};

async function finish(child, kill, output) {
  const timer = globalThis.setTimeout(kill, LIMIT);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  if (code === 0) return output();
  throw new Error(`${child.spawnargs.join(' ')} ended with ${code ?? signal}`);
}

/** Polls, because a stream does not report complete lines. */
async function match(child, pattern, output) {
  for (;;) {
    const found = pattern.exec(output());
    if (found || child.exitCode !== null) return found;
    await setTimeout(50);
  }
}

function fail() {
  throw new Error('The program ended before it printed the expected output');
}
