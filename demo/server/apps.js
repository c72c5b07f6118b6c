import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/** The applications beside the page, each a folder of `demo/` with a vite.config.ts of its own. */
const APPS = ['react', 'vue'];

/** A vite plugin that serves each application below its name. It is built into `folder` when it is first asked for. */
export function apps(folder) {
  const builds = new Map();
  return {
    name: 'apps',
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        const [path, name, rest] = /^\/(\w+)([^?]*)/.exec(request.url) ?? [];
        if (!APPS.includes(name) || !/^(\/|$)/.test(rest)) return next();
        // What has no ending is a page of the application, whose router shows it.
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
