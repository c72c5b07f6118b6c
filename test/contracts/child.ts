import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, vi } from 'vitest';

// A process takes long to start on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

const children: ChildProcess[] = [];

/**
 * Starts a server that prints its port as its first line. It runs until the tests of the file are over. Returns its
 * origin.
 * @throws {Error} with the output of the server, if it ends before it listens.
 */
export async function startServer(
  command: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}: ${said.slice(-2_000)}`)));
  });
  return `http://127.0.0.1:${port}`;
}

afterAll(() => {
  for (const child of children.splice(0)) child.kill();
});
