import { serveBackend } from '../support/backend.js';
import { expectText, visitPage } from '../support/page.js';

export default {
  nuxt: {
    packages: { axios: '1.21.1', nuxt: '4.5.2' },
    check,
  },
};

/** Warnings that Nuxt also prints for an empty application. */
const ITS_OWN = /css\.devSourcemap|PLUGIN_TIMINGS/;

async function check({ run, start, within }) {
  const { origin, close } = await serveBackend();
  const env = { BACKEND: origin, PORT: '0', HOST: '127.0.0.1' };
  try {
    const built = await run('nuxt', ['build'], { env });
    const warnings = built.split('\n').filter((line) => line.startsWith('[warn]') && !ITS_OWN.test(line));
    if (warnings.length) throw new Error(`The build warns:\n${warnings.join('\n')}`);
    await visit(start(process.execPath, [within('.output/server/index.mjs')], { env }));
  } finally {
    close();
  }
}

async function visit(server) {
  const [, port] = await server.printed(/http:\/\/\S+:(\d+)/);
  const url = `http://127.0.0.1:${port}`;
  const html = await (await fetch(url)).text();
  if (!html.includes('Rendered on the server'))
    throw new Error(`The server did not render the page:\n${html}`);
  await visitPage(url, async (page) => {
    await expectText(page, '#status', 'signed-out');
    await page.click('#sign-in');
    await expectText(page, '#status', 'signed-in');
    await page.click('#order');
    await expectText(page, '#orders', '1006, 1006, 1006, refreshes: 1');
    await page.reload();
    await expectText(page, '#status', 'signed-in');
  });
  await server.stop();
  if (/warn|error/i.test(server.output)) throw new Error(`Something is in the log:\n${server.output}`);
}
