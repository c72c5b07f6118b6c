import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

const LIMIT = 600_000;

/** A program that runs, with all that it starts, in a process group of its own. */
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
  ended.catch(() => {}); // whoever does not wait for the end does not hear of it
  return {
    ended,
    get output() {
      return output;
    },
    /** Waits until it has printed something that matches. Returns the match. */
    printed: (pattern) => Promise.race([match(child, pattern, () => output), ended.then(fail)]),
    async stop() {
      kill();
      await ended.catch(() => {});
    },
  };
}

/** A user's own shell, but for what `npm run` has put in. */
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

/** Asks again and again, as a stream does not say when a line is whole. */
async function match(child, pattern, output) {
  for (;;) {
    const found = pattern.exec(output());
    if (found || child.exitCode !== null) return found;
    await setTimeout(50);
  }
}

function fail() {
  throw new Error('It ended before it printed what it should');
}
