import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The other demo apps. Each is a folder in `demo/` with its own vite.config.ts. */
const APPS = ['react', 'vue'];

/** A vite plugin that serves each app at its name. It builds an app into `folder` on the first request. */
export function apps(folder) {
  const builds = new Map();
  return {
    name: 'apps',
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        const [path, name, rest] = /^\/(\w+)([^?]*)/.exec(request.url) ?? [];
        if (!APPS.includes(name) || !/^(\/|$)/.test(rest)) return next();
        // A path without a file extension is a page of the app; the app's router shows it.
        if (!/\.\w+$/.test(path)) request.url = `/${name}/index.html`;
        if (!builds.has(name)) builds.set(name, buildApp(name, join(folder, name)));
        builds.get(name).then(() => next(), next);
      });
    },
  };
}

function buildApp(name, outDir) {
  return build({
    root: fileURLToPath(new URL(`../${name}`, import.meta.url)),
    base: `/${name}/`,
    build: { outDir, emptyOutDir: true },
    logLevel: 'error',
  });
}
