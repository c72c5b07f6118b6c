import { serveBackend } from '../support/backend.js';
import { expectText, visitPage } from '../support/page.js';
import { checkFleet } from './fleet.js';
import { assertQuiet } from './quiet.js';

export default {
  next: {
    packages: {
      '@types/node': '26.6.6',
      '@types/react': '19.3.0',
      axios: '1.21.1',
      next: '16.4.6',
      react: '19.3.1',
      'react-dom': '19.3.1',
      redis: '6.3.1',
      typescript: '6.0.3',
    },
    async check(folder) {
      await checkBrowser(folder);
      await checkFleet(folder);
    },
  },
};

async function checkBrowser({ run, start }) {
  const { origin, close } = await serveBackend();
  const env = { BACKEND: origin };
  try {
    // Also in development, because only there React reports a hydration mismatch.
    await visit(start('next', ['dev', '--port', '0'], { env }));
    assertQuiet(await run('next', ['build'], { env }));
    await visit(start('next', ['start', '--port', '0'], { env }));
  } finally {
    close();
  }
}

async function visit(server) {
  const [url] = await server.printed(/http:\/\/localhost:\d+/);
  const html = await (await fetch(url)).text();
  for (const text of ['On the server: signed-out', 'In the component: <!-- -->restoring'])
    if (!html.includes(text)) throw new Error(`The server did not render "${text}":\n${html}`);
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
  assertQuiet(server.output);
}
