import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { msw } from 'msw/vite';
import { createServer } from 'vite';
import { apps } from './apps.js';
import { backendOverHttp } from './backend-over-http.js';

/** Serves the page, and the applications beside it; with `overHttp` the page's backend too. */
export async function startDemo({ port, overHttp }) {
  const server = await createServer({
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    plugins: [apps(), vue(), overHttp ? backendOverHttp() : msw({ mode: 'worker-only' })],
    define: { __BACKEND_PLACE__: JSON.stringify(overHttp ? 'server' : 'page') },
    // Named here, as those that are found while the page loads would make it load again.
    optimizeDeps: { include: ['axios', 'jwt-decode', 'msw', 'msw/browser', 'vue'] },
    server: { port },
    logLevel: 'warn',
    clearScreen: false,
  });
  await server.listen();
  return { url: server.resolvedUrls.local[0], close: () => server.close() };
}
