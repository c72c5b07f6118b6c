import { serveBackend } from '../support/backend.js';
import { expectText, visitPage } from '../support/page.js';

export default {
  'vite-hot-reload': {
    packages: { axios: '1.21.1', vite: '8.3.8' },
    check,
  },
};

async function check(folder) {
  const { origin, backend, close } = await serveBackend();
  try {
    for (const [entry, expectations] of Object.entries(ENTRIES))
      await reload(folder, { origin, backend, entry, expectations });
  } finally {
    close();
  }
}

/** What a module does with its old session when Vite runs it again, and the expected result. */
const ENTRIES = {
  'disposing.js': { ordered: '1006, sessions that are left: 1' },
  // The usual first attempt: the old session stays, and both sessions use the same tokens.
  'forgetful.js': { ordered: '1006, sessions that are left: 2' },
  'attaching-twice.js': { problem: 'call what attachSession() returned' },
};

async function reload(folder, { origin, backend, entry, expectations }) {
  const { ordered, problem } = expectations;
  const server = folder.start('vite', ['--port', '0', '--host', '127.0.0.1'], { env: { BACKEND: origin } });
  const [url] = await server.printed(/http:\/\/127\.0\.0\.1:\d+/);
  const before = backend.stats.refreshes;
  await visitPage(`${url}/?${entry}`, async (page) => {
    await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
    await expectText(page, '#status', 'run 1: signed-out'); // the module has run
    await page.click('#sign-in');
    await expectText(page, '#status', 'run 1: signed-in');
    folder.write(`src/${entry}`, `${folder.read(`src/${entry}`)}\n// edited\n`);
    if (problem) return expectText(page, '#status', problem);
    await expectText(page, '#status', 'run 2: signed-in');
    await page.click('#order');
    await expectText(page, '#orders', ordered);
    if (!(await page.evaluate(() => window.isTheSamePage))) throw new Error('The page was loaded again');
    const refreshes = backend.stats.refreshes - before;
    if (refreshes !== 1) throw new Error(`${refreshes} refreshes instead of one`);
  });
  await server.stop();
}
