import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preview } from 'vite';
import { buildSite } from './build-site.js';

/** Builds the playground into a folder of its own, and serves it as any static file server would. */
export async function startDemo({ port }) {
  const outDir = mkdtempSync(join(tmpdir(), 'unexpired-demo-'));
  await buildSite(outDir);
  const server = await preview({
    ...{ configFile: false, appType: 'mpa', logLevel: 'error', plugins: [cleanUrls(outDir)] },
    build: { outDir },
    preview: { port },
  });
  const close = async () => {
    await server.close();
    rmSync(outDir, { recursive: true });
  };
  return { url: server.resolvedUrls.local[0], close };
}

/** Serves `login.html` at `/login`, as GitHub Pages and other hosts do. */
function cleanUrls(folder) {
  return {
    name: 'clean-urls',
    configurePreviewServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        const [path] = request.url.split('?');
        const hasFile = /\/\w+$/.test(path) && existsSync(join(folder, `${path}.html`));
        if (hasFile) request.url = request.url.replace(path, `${path}.html`);
        next();
      });
    },
  };
}
