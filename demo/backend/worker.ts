import { createDemoBackend, type DemoBackend } from './demo-backend';
import { type BackendName, type FromBackend, NAMES, type PlainRequest, type ToBackend } from './messages';

/**
 * The server of the playground. As a SharedWorker it serves all tabs and frames of one playground; in a browser without SharedWorker it
 * is the worker of one page.
 */
const backends = Object.fromEntries(NAMES.map((name) => [name, createDemoBackend()])) as Record<
  BackendName,
  DemoBackend
>;
const watching = new Set<MessagePort>();

addEventListener('connect', (event) => serve((event as MessageEvent).ports[0]));
addEventListener('message', ({ ports }) => serve(ports[0]));

function serve(port: MessagePort | undefined): void {
  if (!port) return;
  const requests = new Map<number, AbortController>();
  const reply = (message: FromBackend) => port.postMessage(message);

  async function answer(id: number, to: BackendName, request: PlainRequest): Promise<void> {
    const controller = new AbortController();
    requests.set(id, controller);
    try {
      const response = await backends[to].fetch(requestOf(request, controller.signal));
      const headers = [...response.headers];
      reply({
        type: 'response',
        id,
        response: { status: response.status, headers, body: await response.text() },
      });
    } catch {
      reply({ type: 'response', id });
    }
    requests.delete(id);
    publish(to);
  }

  port.onmessage = async ({ data }: MessageEvent<ToBackend>) => {
    if (data.type === 'watch') watching.add(port);
    if (data.type === 'abort') requests.get(data.id)?.abort();
    if (data.type === 'request') await answer(data.id, data.to, data.request);
    if (data.type !== 'command') return;
    const { controls, counts } = backends[data.to];
    const [name, ...args] = data.command;
    // A reset rejects the promises of `called`.
    await Promise.resolve((controls[name] as (...args: unknown[]) => unknown)(...args)).catch(() => {});
    reply({ type: 'done', id: data.id, counts: counts() });
    publish(data.to);
  };
}

function requestOf({ url, method, headers, body }: PlainRequest, signal: AbortSignal): Request {
  return new Request(url, { method, headers, signal, ...(body !== undefined && { body }) });
}

function publish(from: BackendName): void {
  const message: FromBackend = { type: 'counts', from, counts: backends[from].counts() };
  for (const port of watching) port.postMessage(message);
}
