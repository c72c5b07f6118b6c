import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { webkitPaths } from '../../support/webkit.ts';
import type { Tab, TabBrowser } from './engine.ts';

/** Limits in ms for a script, for a page load, and for the start of the driver. */
const PATIENCE = 60_000;

/** WebKitGTK over plain WebDriver. It is not Safari, but it has Safari's engine. */
export async function launchWebKit(): Promise<TabBrowser> {
  const paths = webkitPaths();
  const started: ChildProcess[] = [];
  const start = (...args: Parameters<typeof spawn>) => {
    const child = spawn(...args);
    started.unshift(child);
    return child;
  };
  const stop = async () => {
    for (const child of started) await end(child);
  };
  try {
    const display = await startDisplay(start, paths.displayServer);
    const session = await openSession(await startDriver(start, paths.driver, display));
    return { open: opener(session), close: () => session<void>('DELETE', '').finally(stop) };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Start = (...args: Parameters<typeof spawn>) => ChildProcess;

/** A virtual screen. The X server picks a free number and prints it. */
async function startDisplay(start: Start, path: string): Promise<string> {
  const child = start(path, ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const told = once(child.stdio[3]!, 'data').then(([data]) => `:${String(data).trim()}`);
  const failed = once(child, 'exit').then(() => {
    throw new Error(`${path} does not start`);
  });
  failed.catch(() => {});
  return Promise.race([told, failed]);
}

async function startDriver(start: Start, path: string, display: string): Promise<string> {
  const port = await freePort();
  const env = { ...process.env, DISPLAY: display, GDK_BACKEND: 'x11' };
  const child = start(path, [`--port=${port}`, '--host=127.0.0.1'], { env, stdio: 'ignore' });
  const origin = `http://127.0.0.1:${port}`;
  const latest = Date.now() + PATIENCE;
  while (!(await isReady(origin))) {
    if (child.exitCode !== null || Date.now() > latest) throw new Error(`${path} does not start`);
    await sleep(50);
  }
  return origin;
}

function isReady(origin: string): Promise<boolean> {
  return fetch(`${origin}/status`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}

type Session = <T = unknown>(method: string, path: string, body?: object) => Promise<T>;

async function openSession(origin: string): Promise<Session> {
  const capabilities = {
    alwaysMatch: { timeouts: { script: PATIENCE, pageLoad: PATIENCE } },
  };
  const { sessionId } = await send<{ sessionId: string }>('POST', `${origin}/session`, { capabilities });
  return (method, path, body) => send(method, `${origin}/session/${sessionId}${path}`, body);
}

async function send<T>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, {
    method,
    signal: AbortSignal.timeout(2 * PATIENCE),
    ...(body && { body: JSON.stringify(body) }),
  });
  const { value } = (await response.json()) as { value: T & { error: string; message: string } };
  if (!response.ok) throw new Error(`${method} ${url}: ${value.error}: ${value.message}`);
  return value;
}

/** WebDriver controls one window at a time, so the tabs take turns. */
function opener(session: Session): TabBrowser['open'] {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  const switchTo = (handle: string) => session('POST', '/window', { handle });
  return (url) =>
    inTurn(async () => {
      const { handle } = await session<{ handle: string }>('POST', '/window/new', { type: 'tab' });
      await switchTo(handle);
      await session('POST', '/url', { url });
      return {
        evaluate: (script) => inTurn(() => switchTo(handle).then(() => execute(session, script))),
      };
    });
}

async function execute<T>(session: Session, script: Parameters<Tab['evaluate']>[0]): Promise<T> {
  const { value, error } = await session<{ value: T; error?: string }>('POST', '/execute/async', {
    script: `const [done] = arguments;
      Promise.resolve().then(${script}).then((value) => done({ value }), (error) => done({ error: String(error) }));`,
    args: [],
  });
  if (error) throw new Error(error);
  return value;
}
