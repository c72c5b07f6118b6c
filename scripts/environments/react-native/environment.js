import { serveBackend } from '../support/backend.js';

const axios = '1.21.1';

export default {
  'react-native': {
    packages: {
      axios,
      metro: '0.87.1',
      '@react-native/babel-preset': '0.88.1',
      'core-js': '3.51.0',
    },
    fixture: 'react-native',
    check: inReactNative,
  },
  'mini-program': {
    packages: { axios, 'core-js': '3.51.0', 'abortcontroller-polyfill': '1.7.8' },
    fixture: 'mini-program',
    check: inMiniProgram,
  },
};

async function inReactNative(folder) {
  const bundle = (entry) =>
    folder.run('metro', ['build', entry, '--config', 'metro.config.js', '--out', `built-${entry}`]);
  for (const entry of ['application.js', 'without-url.js']) {
    // Older Metro does not read `exports`.
    for (const READS_EXPORTS of ['yes', 'no']) {
      folder.write('reads-exports.json', JSON.stringify(READS_EXPORTS === 'yes'));
      await bundle(entry);
      await runIn(folder, `built-${entry}`, EXPECTED[entry]);
    }
  }
}

const ORDERS = 'before: signed-out, orders: 1006, 1006, 1006, refreshes: 1, after a restart: signed-in';
const EXPECTED = { 'application.js': ORDERS, 'without-url.js': 'A standard URL class is missing' };

async function inMiniProgram(folder) {
  await runIn(folder, 'application.js', ORDERS);
}

/** Runs a program without the globals that this runtime lacks. */
async function runIn({ run }, program, expected) {
  const { origin, close } = await serveBackend();
  try {
    const printed = await run(process.execPath, ['--require', './runtime.cjs', program], {
      env: { ORIGIN: origin },
    });
    if (!printed.includes(expected)) throw new Error(`${program} did not print "${expected}"`);
  } finally {
    close();
  }
}
