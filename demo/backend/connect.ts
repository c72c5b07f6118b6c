import { BackendClient } from './client';

const CONNECT = 'connect to the backend';

/** Whether other tabs can reach the backend of this page. */
export const isShared = typeof SharedWorker === 'function';

/** Connects this page or frame to the backends of a room. */
export function connect(room: string): BackendClient {
  if (isShared) return new BackendClient(sharedPort(room));
  const { port1, port2 } = new MessageChannel();
  if (parent === window) ownWorker(port2);
  else parent.postMessage(CONNECT, location.origin, [port2]);
  return new BackendClient(port1);
}

function sharedPort(room: string): MessagePort {
  return new SharedWorker(new URL('./worker.ts', import.meta.url), { name: `unexpired-demo-${room}` }).port;
}

/** Without SharedWorker (some phone browsers), the page starts a worker, and its frames connect to it through the page. */
function ownWorker(port: MessagePort): void {
  const worker = new Worker(new URL('./worker.ts', import.meta.url));
  worker.postMessage(CONNECT, [port]);
  window.addEventListener('message', ({ data, origin, ports }) => {
    if (data === CONNECT && origin === location.origin) worker.postMessage(CONNECT, [...ports]);
  });
}
