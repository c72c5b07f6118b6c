import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export type FetchHandler = (request: Request) => Promise<Response>;

/** Serves a WHATWG fetch handler over real HTTP, until the end of the test. Returns its origin. */
export async function serve(handler: FetchHandler): Promise<string> {
  const server = createServer((request, response) => void answer(handler, request, response));
  // A client could use a connection that the server is just closing. With this header, the client closes it first.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function answer(
  handler: FetchHandler,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const { status, headers, body } = await read(await handler(await toRequest(request)));
    response.setHeaders(headers).writeHead(status).end(body); // an object would lose all Set-Cookie headers but one
  } catch {
    request.socket.destroy(); // browsers treat a broken connection as a network error
  }
}

async function toRequest(request: IncomingMessage): Promise<Request> {
  const { method = 'GET', headers, url = '/' } = request;
  const body = method === 'GET' || method === 'HEAD' ? null : await buffer(request);
  return new Request(new URL(url, `http://${headers.host}`), {
    method,
    headers: headers as HeadersInit,
    body,
  });
}

async function read(response: Response) {
  const { status, headers } = response;
  return { status, headers, body: new Uint8Array(await response.arrayBuffer()) };
}
