import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { msw } from 'msw/vite';
import { build, preview } from 'vite';
import { apps } from './apps.js';
import { backendOverHttp } from './backend-over-http.js';

/** Builds and serves the page and the other demo apps. With `overHttp` it also serves the page's backend. */
export async function startDemo({ port, overHttp }) {
  const outDir = mkdtempSync(join(tmpdir(), 'unexpired-demo-'));
  const config = {
    configFile: false,
    root: fileURLToPath(new URL('..', import.meta.url)),
    build: { outDir, emptyOutDir: true },
    logLevel: 'error',
  };
  await build({
    ...config,
    plugins: [vue(), !overHttp && msw({ mode: 'worker-only' })],
    define: { __BACKEND_PLACE__: JSON.stringify(overHttp ? 'server' : 'page') },
  });
  const server = await preview({
    ...config,
    plugins: [overHttp && backendOverHttp(), apps(outDir)],
    preview: { port },
  });
  const close = async () => {
    await server.close();
    rmSync(outDir, { recursive: true });
  };
  return { url: server.resolvedUrls.local[0], close };
}
