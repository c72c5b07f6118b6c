import { runOwnTests, TEST_PACKAGES } from '../support/own-tests.js';

/** The tests of the stores, with libraries for Vue 2.7, and the tests of the fixture. */
const TESTS = {
  tests: ['test/bindings/vuex.test.ts', 'test/bindings/app-state.test.ts', 'test/bindings/app-states.ts'],
  alias: [
    [/^vue$/, './as-vue-3.js'],
    [/^vuex$/, './as-vuex-4.js'],
    [/^pinia-3$/, 'pinia'],
  ],
};

export default {
  'vue-2': {
    packages: {
      ...TEST_PACKAGES,
      'happy-dom': '21.0.4',
      pinia: '2.3.1',
      vue: '2.7.16',
      'vue-router': '3.6.5',
      vuex: '3.6.2',
    },
    async check(folder) {
      // The install script of a dependency of Pinia checks the version of Vue.
      await folder.run(process.execPath, [
        folder.within('node_modules/pinia/node_modules/vue-demi/scripts/postinstall.js'),
      ]);
      await runOwnTests(folder, TESTS);
    },
  },
};
