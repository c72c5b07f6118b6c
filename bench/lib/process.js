import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Runs `work` of a measure in a process of its own, and answers what it came to. */
export async function inProcess(measure, contender, params, execArgv = []) {
  const child = fork(path('worker.js'), { execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  child.send({ measure, contender, params });
  const [answer] = await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => [{ error: `exit ${code}` }]),
  ]);
  child.kill();
  await exited;
  if (answer.error) throw new Error(`${measure}, ${contender}: ${answer.error}`);
  return answer.result;
}

/** The server, in a process of its own; each command answers by message. */
export async function startServer() {
  const child = fork(path('server-process.js'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [{ baseURL }] = await once(child, 'message');
  const waiting = new Map();
  let serial = 0;
  child.on('message', ({ id, result }) => {
    waiting.get(id)(result);
    waiting.delete(id);
  });
  const tell = (command, argument) =>
    new Promise((resolve) => {
      waiting.set(++serial, resolve);
      child.send({ id: serial, command, argument });
    });
  return { baseURL, tell, close: () => child.kill() };
}
