import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { build } from 'vite';

const DEMO = fileURLToPath(new URL('..', import.meta.url));

/** Complete apps beside the playground, each with its own vite.config.ts. */
const APPS = ['react', 'vue'];
/** The pages of these apps; each has a file, so that it can be reloaded where no server knows the app's router. */
const PAGES = ['login', 'profile'];

/** Writes the playground as static files. They work at any path of any server: all URLs are relative. */
export async function buildSite(outDir) {
  await build({
    ...settings('.'),
    configFile: false,
    plugins: [vue()],
    build: { outDir, emptyOutDir: true, rolldownOptions: { input: ['index.html', 'tab.html'].map(inDemo) } },
  });
  await Promise.all(APPS.map((name) => buildApp(name, join(outDir, name))));
}

async function buildApp(name, outDir) {
  await build({ ...settings(name), build: { outDir, emptyOutDir: true } });
  for (const page of PAGES) copyFileSync(join(outDir, 'index.html'), join(outDir, `${page}.html`));
}

function settings(folder) {
  return { root: inDemo(folder), base: './', logLevel: 'error' };
}

function inDemo(path) {
  return join(DEMO, path);
}
