import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

/** The applications beside the page, each a folder of `demo/`; with what it imports, as what is found later reloads the page. */
const APPS = {
  react: [
    'axios',
    'jwt-decode',
    'msw',
    'msw/browser',
    'react',
    'react-dom/client',
    'react-router',
    'react-router/dom',
    'react/jsx-dev-runtime',
  ],
  vue: ['axios', 'jwt-decode', 'msw', 'msw/browser', 'pinia', 'vue', 'vue-router', 'vuex'],
};

/** A vite plugin that serves each application below its name. It is started when it is first asked for. */
export function apps() {
  const started = new Map();
  return {
    name: 'apps',
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const name = /^\/(\w+)(?=[/?]|$)/.exec(request.url)?.[1];
        if (!Object.hasOwn(APPS, name ?? '')) return next();
        if (!started.has(name)) started.set(name, start(name, server.httpServer));
        const { middlewares } = await started.get(name);
        middlewares(request, response, next);
      });
    },
    async closeBundle() {
      for (const app of started.values()) await (await app).close();
    },
  };
}

function start(name, httpServer) {
  return createServer({
    root: fileURLToPath(new URL(`../${name}`, import.meta.url)),
    base: `/${name}/`,
    cacheDir: fileURLToPath(new URL(`../../node_modules/.vite-${name}`, import.meta.url)),
    optimizeDeps: { include: APPS[name] },
    server: { middlewareMode: true, ws: { server: httpServer } },
    logLevel: 'warn',
    clearScreen: false,
  });
}
