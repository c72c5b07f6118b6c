import { runOwnTests, TEST_PACKAGES } from '../support/own-tests.js';

const BINDINGS = [
  'app-state.test.ts',
  'app-states.ts',
  'pinia.test.ts',
  'vue.test.ts',
  'vuex.test.ts',
  'vue-server.node.test.ts',
];

export default {
  'vue-3.3': {
    packages: {
      ...TEST_PACKAGES,
      pinia: '2.1.7',
      'pinia-plugin-persistedstate': '3.2.3',
      vue: '3.3.13',
      vuex: '4.1.0',
    },
    check: (folder) =>
      runOwnTests(folder, {
        tests: BINDINGS.map((file) => `test/bindings/${file}`),
        alias: [[/^pinia-3$/, 'pinia']],
      }),
  },
};
