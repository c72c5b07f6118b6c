import { serveBackend } from '../support/backend.js';
import { expectText, visitPage } from '../support/page.js';

/** The oldest browsers that docs/environments.md names. */
const TARGET = 'chrome100,firefox97,safari16';

export default {
  'webpack-5': {
    packages: { axios: '1.21.1', webpack: '5.113.0', 'webpack-cli': '7.3.1' },
    check: bundle('webpack', '--mode=production', '--entry=./src/both-formats.js', '--output-path=public'),
  },
  esbuild: {
    packages: { axios: '1.21.1', esbuild: '0.28.2' },
    check: bundle(
      'esbuild',
      'src/both-formats.js',
      '--bundle',
      '--minify',
      `--target=${TARGET}`,
      '--outfile=public/main.js',
    ),
  },
  rollup: {
    packages: {
      axios: '1.21.1',
      rollup: '4.68.8',
      '@rollup/plugin-commonjs': '29.0.3',
      '@rollup/plugin-node-resolve': '16.0.3',
    },
    check: bundle(
      'rollup',
      'src/application.js',
      '--file=public/main.js',
      '--plugin=node-resolve={browser:true}',
      '--plugin=commonjs',
      '--failAfterWarnings',
    ),
  },
  // Parcel does not read `exports` by default.
  'parcel-2': {
    packages: { axios: '1.21.1', parcel: '2.16.4' },
    check: bundle('parcel', 'build', 'index.html', '--no-cache', '--dist-dir=public'),
  },
  'vite-5': {
    packages: { axios: '1.21.1', vite: '5.4.21' },
    check: bundle('vite', 'build', '--outDir=public', '--emptyOutDir'),
  },
};

/** Builds the application and opens it in a browser. */
function bundle(command, ...args) {
  return async ({ run, within }) => {
    const output = await run(command, args);
    if (/\bwarn/i.test(output)) throw new Error(`It warns:\n${output}`);
    const { origin, close } = await serveBackend(within('public'));
    try {
      await visitPage(origin, (page) =>
        expectText(page, '#result', 'axios 1006, axios 1006, fetch 1006, refreshes: 1'),
      );
    } finally {
      close();
    }
  };
}
