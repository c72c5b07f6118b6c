import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const SERVE = fileURLToPath(new URL('../../demo/serve.js', import.meta.url));

export interface Demo {
  url: string;
  /** Interrupts the command like Ctrl+C. Returns the exit code. */
  stop(): Promise<number>;
}

/** Starts `npm run demo` on a free port. */
export async function startDemo(...options: string[]): Promise<Demo> {
  const child = demo('--port', '0', ...options);
  const exited = once(child, 'exit');
  const url = await printed(child, /http:\S+/);
  return {
    url,
    async stop() {
      child.kill('SIGINT');
      const [code] = await exited;
      return code;
    },
  };
}

/** Runs `npm run demo` with options that make it exit by itself. */
export async function runDemo(...options: string[]): Promise<{ code: number; output: string }> {
  const child = demo(...options);
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, output: output + errors };
}

function demo(...options: string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [SERVE, ...options]);
}

async function printed(child: ChildProcessWithoutNullStreams, pattern: RegExp): Promise<string> {
  child.stderr.pipe(process.stderr);
  let output = '';
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk;
    const [found] = pattern.exec(output) ?? [];
    if (found) return found;
  }
  throw new Error(`The demo printed no URL: ${output}`);
}
