import { serveBackend } from '../support/backend.js';

const environment = (version) => ({
  packages: {
    jest: version,
    'jest-environment-jsdom': version,
    '@babel/preset-env': '7.29.14',
    'whatwg-fetch': '3.6.20',
    axios: '1.21.1',
  },
  check: checkJest,
});

export default { 'jest-29': environment('29.7.0'), 'jest-30': environment('30.5.2') };

async function checkJest({ run, within }) {
  const { origin, close } = await serveBackend();
  const jest = (folder, env) =>
    run('jest', ['--runInBand', '--rootDir', within(folder)], { env: { ORIGIN: origin, ...env } });
  try {
    await jest('require');
    await jest('babel');
    await jest('modules', { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' });
  } finally {
    close();
  }
}
