import { buffer, json } from 'node:stream/consumers';

const API = ['/login/', '/update_token/', '/order/'];
/** The path for the page's switches and counters. */
const CONTROL = '/backend';
/** ms. Short, because a browser sends only six of fifty requests at the same time. */
const ORDER_LATENCY = 60;

/** A vite plugin that runs the test backend on the server, on the origin of the page. */
export function backendOverHttp() {
  return {
    name: 'backend-over-http',
    async configurePreviewServer({ middlewares }) {
      // Imported here, because it needs the built package.
      const { createDemoBackend } = await import('../backend/demo-backend.ts');
      const backend = createDemoBackend(ORDER_LATENCY);
      middlewares.use((request, response, next) => {
        const { pathname } = new URL(request.url, 'http://localhost');
        if (API.includes(pathname)) return answerWith(request, response, backend.fetch);
        if (pathname === CONTROL) return control(request, response, backend);
        next();
      });
    },
  };
}

async function control(request, response, backend) {
  const command = request.method === 'POST' ? await json(request) : {};
  response
    .writeHead(200, { 'Content-Type': 'application/json' })
    .end(JSON.stringify(backend.execute(command)));
}

async function answerWith(request, response, fetch) {
  try {
    const answer = await fetch(await toFetchRequest(request));
    const body = Buffer.from(await answer.arrayBuffer());
    response.setHeaders(answer.headers).writeHead(answer.status).end(body);
  } catch {
    // For the browser, a closed connection is a network error.
    request.socket.destroy();
  }
}

async function toFetchRequest(request) {
  const { method, headers, url } = request;
  const body = method === 'GET' || method === 'HEAD' ? undefined : await buffer(request);
  return new Request(new URL(url, `http://${headers.host}`), { method, headers, body });
}
