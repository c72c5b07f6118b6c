import { buffer, json } from 'node:stream/consumers';

const API = ['/login/', '/update_token/', '/order/'];
/** Where the page's switches and counters are. */
const CONTROL = '/backend';
/** ms. Short, as a browser sends no more than six of fifty at one time. */
const ORDER_LATENCY = 60;

/** A vite plugin: the test backend of the demo as a part of the server, on the page's own origin. */
export function backendOverHttp() {
  return {
    name: 'backend-over-http',
    async configurePreviewServer({ middlewares }) {
      // Here, as it needs the built package.
      const { createDemoBackend } = await import('../backend/demo-backend.ts');
      const backend = createDemoBackend(ORDER_LATENCY);
      middlewares.use((request, response, next) => {
        const { pathname } = new URL(request.url, 'http://localhost');
        if (API.includes(pathname)) return passOn(request, response, backend.fetch);
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

async function passOn(request, response, fetch) {
  try {
    const answer = await fetch(await toFetchRequest(request));
    const body = Buffer.from(await answer.arrayBuffer());
    response.setHeaders(answer.headers).writeHead(answer.status).end(body);
  } catch {
    // To the browser a connection that breaks is a network error.
    request.socket.destroy();
  }
}

async function toFetchRequest(request) {
  const { method, headers, url } = request;
  const body = method === 'GET' || method === 'HEAD' ? undefined : await buffer(request);
  return new Request(new URL(url, `http://${headers.host}`), { method, headers, body });
}
