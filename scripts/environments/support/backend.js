import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createTestBackend } from 'unexpired/testing/backend';

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
};

/**
 * A backend over HTTP and the files of a folder. After `GET /expire`, the backend refuses the access tokens issued so
 * far.
 */
export async function serveBackend(files) {
  const backend = createTestBackend({ cors: true });
  const server = await serve((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    if (pathname.startsWith('/expire')) {
      backend.expireAccessTokens();
      return response.setHeader('Access-Control-Allow-Origin', '*').end();
    }
    const file = files && join(files, pathname === '/' ? 'index.html' : pathname);
    if (file && existsSync(file) && statSync(file).isFile()) {
      response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
      return createReadStream(file).pipe(response);
    }
    return answer(backend.fetch, request, response);
  });
  return { ...server, backend };
}

/** Serves a WHATWG fetch handler over HTTP. */
export function serveHandler(handler) {
  return serve((request, response) => answer(handler, request, response));
}

async function serve(listener) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(handler, request, response) {
  const reply = await handler(await toRequest(request));
  response.setHeaders(reply.headers).writeHead(reply.status);
  response.end(new Uint8Array(await reply.arrayBuffer()));
}

async function toRequest(request) {
  const { method, headers, url } = request;
  const body = method === 'GET' || method === 'HEAD' ? null : await buffer(request);
  return new Request(new URL(url, `http://${headers.host}`), { method, headers, body });
}
