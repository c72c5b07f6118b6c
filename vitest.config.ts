import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { msw } from 'msw/vite';
import { defineConfig } from 'vitest/config';
import type { BrowserConfigOptions } from 'vitest/node';
import { CHROMIUM_ARGS, headlessPath } from './test/support/chromium.ts';

const everywhere = 'test/**/*.test.{ts,tsx}';
const built = ['test/package/**', 'test/e2e/**'];
const engines = 'test/engines/**';
const django = 'test/contracts/django/**';
const redis = 'test/redis/**';
const fleet = 'test/fleet/**';
const apart = [...built, engines, django, redis, fleet];
/** Bounds for tests that hang; a machine that is busy with others must not fail one. */
const patience = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } } };
/** How many combinations of addresses the differential test tries; `npm run test:differential` tries more. */
const differential = {
  runs: Number(process.env.DIFFERENTIAL_RUNS ?? 2_000),
  seed: Number(process.env.DIFFERENTIAL_SEED ?? 13),
};
/** Started in half the time of a process, for what needs none of its own. */
const pool = 'threads';
const here = (path: string) => join(import.meta.dirname, path);
const network = (where: 'node' | 'browser') => ({ '#network': here(`test/support/network.${where}.ts`) });
/** The recipes of the guides name the package as users do. */
const itself = {
  'unexpired/axios': here('src/clients/axios.ts'),
  'unexpired/fetch': here('src/clients/fetch.ts'),
  'unexpired/idle': here('src/idle/index.ts'),
  'unexpired/pinia': here('src/bindings/pinia.ts'),
  'unexpired/react': here('src/bindings/react.ts'),
  'unexpired/vue': here('src/bindings/vue.ts'),
  'unexpired/vuex': here('src/bindings/vuex.ts'),
  'unexpired/testing': here('src/testing/index.ts'),
  unexpired: here('src/index.ts'),
};

const react18 = { react: 'react-18', 'react-dom': 'react-dom-18' };
/** Anew for each project, as vitest writes its name into it. */
const inChromium = (): BrowserConfigOptions => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  instances: [{ browser: 'chromium' }],
  provider: playwright({ launchOptions: { executablePath: headlessPath(), args: CHROMIUM_ARGS } }),
});

/** As the Vue plugin of vite would set them. */
const VUE_FLAGS = {
  __VUE_OPTIONS_API__: true,
  __VUE_PROD_DEVTOOLS__: false,
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
};

export default defineConfig({
  test: {
    // Browsers keep a test waiting: on two cores vitest would take one.
    maxWorkers: availableParallelism(),
    // A line for each file that passes; tests are listed where they fail. The live summary would mix with what else prints.
    reporters: [['default', { summary: false }]],
    slowTestThreshold: 60_000,
    experimental: { diagnostics: false },
    projects: [
      {
        resolve: { alias: { ...network('node'), ...itself } },
        test: {
          name: 'node',
          pool,
          ...patience,
          provide: { differential },
          include: [everywhere],
          exclude: [...apart, 'test/**/*.browser.test.{ts,tsx}'],
        },
      },
      {
        // The oldest axios that is supported, under the same tests.
        resolve: { alias: { ...network('node'), axios: 'axios-1.7' } },
        test: {
          name: 'axios-1.7',
          pool,
          ...patience,
          provide: { differential },
          include: [
            'test/differential/*.test.ts',
            'test/clients/**/*.test.ts',
            'test/laws/{one-refresh,settles,late-answers,origins}.test.ts',
          ],
          exclude: ['test/**/*.browser.test.ts'],
        },
      },
      {
        resolve: { alias: { ...network('browser'), ...itself } },
        define: VUE_FLAGS,
        plugins: [msw({ mode: 'worker-only' })],
        test: {
          name: 'chromium',
          ...patience,
          provide: { differential },
          include: [everywhere],
          exclude: [...apart, 'test/**/*.node.test.{ts,tsx}'],
          browser: inChromium(),
        },
      },
      {
        // And its adapters in a page.
        resolve: { alias: { axios: 'axios-1.7' } },
        test: {
          name: 'axios-1.7-chromium',
          ...patience,
          provide: { differential },
          include: ['test/differential/*.test.ts'],
          browser: inChromium(),
        },
      },
      {
        // The oldest React that is supported, under the same tests.
        resolve: { alias: react18 },
        test: {
          name: 'react-18',
          pool,
          ...patience,
          provide: { react: '18' },
          include: ['test/bindings/react.node.test.tsx'],
          setupFiles: ['test/support/react-18.ts'],
        },
      },
      {
        resolve: { alias: react18 },
        test: {
          name: 'react-18-chromium',
          ...patience,
          provide: { react: '18' },
          include: ['test/bindings/react.browser.test.tsx'],
          browser: inChromium(),
        },
      },
      {
        // With a Redis server of its own.
        test: {
          name: 'redis',
          pool,
          ...patience,
          include: [`${redis}/*.test.ts`],
          globalSetup: 'test/redis/setup.ts',
        },
      },
      {
        // Real processes that are killed and stopped: CI, and `npm run test:fleet`.
        test: {
          name: 'fleet',
          ...patience,
          include: [`${fleet}/*.test.ts`],
          fileParallelism: false,
        },
      },
      {
        // The built package, the packed tarball and the demo.
        test: {
          name: 'built',
          ...patience,
          include: built.map((folder) => `${folder}/*.test.ts`),
        },
      },
      {
        // The built package again, in Firefox and in WebKit: CI, and `npm run test:engines`.
        test: {
          name: 'engines',
          ...patience,
          include: [`${engines}/*.test.ts`],
          globalSetup: 'test/engines/setup.ts',
          fileParallelism: false,
        },
      },
      {
        // Backends in Python: CI, and `npm run test:django`.
        resolve: { alias: network('node') },
        test: {
          name: 'django',
          include: [`${django}/*.test.ts`],
          globalSetup: 'test/contracts/django/setup.ts',
          env: { TZ: 'UTC' },
          ...patience,
        },
      },
    ],
  },
});
