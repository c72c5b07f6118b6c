import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Runs the `work` function of a measure in its own process, and returns its result. */
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

/** Starts the server in its own process. Commands and their results are messages. */
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
