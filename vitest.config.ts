import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { playwright } from '@vitest/browser-playwright';
import { msw } from 'msw/vite';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type BrowserConfigOptions, type TestSpecification } from 'vitest/node';
import { CHROMIUM_ARGS, headlessPath } from './test/support/chromium.ts';

const everywhere = 'test/**/*.test.{ts,tsx}';
const built = ['test/package/**', 'test/e2e/**'];
const engines = 'test/engines/**';
const django = 'test/contracts/django/**';
const redis = 'test/redis/**';
const fleet = 'test/fleet/**';
const site = 'test/site/**';
const apart = [...built, engines, django, redis, fleet, site];
/** Limits for tests that hang. They are long, because a busy machine must not fail a test. */
const limits = { testTimeout: 60_000, hookTimeout: 120_000, expect: { poll: { timeout: 20_000 } } };
/** The number of address combinations in the differential test; `npm run test:differential` tries more. */
const differential = {
  runs: Number(process.env.DIFFERENTIAL_RUNS ?? 2_000),
  seed: Number(process.env.DIFFERENTIAL_SEED ?? 13),
};
/** `NETWORK_DELAY=1000` delays each request to msw by up to 1000 ms, to find the tests that need a fast network. */
const networkDelay = Number(process.env.NETWORK_DELAY ?? 0);
/** Threads start in half the time of processes. */
const pool = 'threads';
/**
 * The files of a worker share their modules, which saves a third of the time. A test that forgets to remove a stub does not
 * disturb the next file.
 */
const sharing = { isolate: false, unstubGlobals: true, restoreMocks: true } as const;
/** Their workers are processes, because threads would also share Web Locks and BroadcastChannels. */
const sharingInNode = { ...sharing, pool: 'forks' } as const;
/** These replace a module, so they need modules of their own. */
const mocking = ['test/clients/addresses-1.7.node.test.ts', 'test/recipes/libraries/recipes.node.test.ts'];
const here = (path: string) => join(import.meta.dirname, path);
const network = (where: 'node' | 'browser') => ({ '#network': here(`test/support/network.${where}.ts`) });
/** The recipes in the guides import the package by its name, as users do. */
const itself = {
  'unexpired/axios': here('src/clients/axios.ts'),
  'unexpired/fetch': here('src/clients/fetch.ts'),
  'unexpired/idle': here('src/idle/index.ts'),
  'unexpired/pinia': here('src/bindings/pinia.ts'),
  'unexpired/react': here('src/bindings/react.ts'),
  'unexpired/recorder': here('src/recorder/index.ts'),
  'unexpired/vue': here('src/bindings/vue.ts'),
  'unexpired/vuex': here('src/bindings/vuex.ts'),
  'unexpired/testing': here('src/testing/index.ts'),
  unexpired: here('src/index.ts'),
};

const react18 = { react: 'react-18', 'react-dom': 'react-dom-18' };
/** A new object for each project, because vitest writes the project's name into it. */
const inChromium = (): BrowserConfigOptions => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  instances: [{ browser: 'chromium' }],
  provider: playwright({ launchOptions: { executablePath: headlessPath(), args: CHROMIUM_ARGS } }),
});

/** As Vite's Vue plugin sets them. */
const VUE_FLAGS = {
  __VUE_OPTIONS_API__: true,
  __VUE_PROD_DEVTOOLS__: false,
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
};

/** Files that take longer than their size suggests. At the end, the others would no longer run beside them. */
const LONG = /test\/(?:redis\/|model\/|laws\/odd-globals)/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLater = ({ moduleId }: TestSpecification) => Number(!LONG.test(moduleId));
    return (await super.sort(files)).sort((a, b) => isLater(a) - isLater(b));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    // Browser tests mostly wait, but on two cores vitest would start only one worker.
    maxWorkers: availableParallelism(),
    // Prints one line for each passing file, and lists the tests of a failing file. The live summary would mix with
    // other output.
    reporters: [['default', { summary: false }]],
    // Messages of tests that pass are no news.
    silent: 'passed-only',
    slowTestThreshold: 60_000,
    experimental: { diagnostics: false },
    projects: [
      {
        resolve: { alias: { ...network('node'), ...itself } },
        test: {
          name: 'node',
          ...sharingInNode,
          ...limits,
          provide: { differential },
          include: [everywhere],
          exclude: [...apart, ...mocking, 'test/**/*.browser.test.{ts,tsx}'],
        },
      },
      {
        resolve: { alias: { ...network('node'), ...itself } },
        test: {
          name: 'node-mocking',
          pool,
          ...limits,
          include: mocking,
        },
      },
      {
        // The same tests with the oldest supported axios.
        resolve: { alias: { ...network('node'), axios: 'axios-1.7' } },
        test: {
          name: 'axios-1.7',
          ...sharingInNode,
          ...limits,
          provide: { differential },
          include: [
            'test/differential/*.test.ts',
            'test/clients/**/*.test.ts',
            'test/laws/{one-refresh,settles,late-answers,origins}.test.ts',
          ],
          exclude: ['test/**/*.browser.test.ts', ...mocking],
        },
      },
      {
        resolve: { alias: { ...network('browser'), ...itself } },
        define: VUE_FLAGS,
        plugins: [msw({ mode: 'worker-only' })],
        test: {
          name: 'chromium',
          ...sharing,
          ...limits,
          provide: { differential, networkDelay },
          include: [everywhere],
          exclude: [...apart, 'test/**/*.node.test.{ts,tsx}'],
          browser: inChromium(),
        },
      },
      {
        // The oldest supported axios with its browser adapters.
        resolve: { alias: { axios: 'axios-1.7' } },
        test: {
          name: 'axios-1.7-chromium',
          ...limits,
          provide: { differential },
          include: ['test/differential/*.test.ts'],
          browser: inChromium(),
        },
      },
      {
        // The same tests with the oldest supported React.
        resolve: { alias: react18 },
        test: {
          name: 'react-18',
          pool,
          ...limits,
          provide: { react: '18' },
          include: ['test/bindings/react.node.test.tsx'],
          setupFiles: ['test/support/react-18.ts'],
        },
      },
      {
        resolve: { alias: react18 },
        test: {
          name: 'react-18-chromium',
          ...limits,
          provide: { react: '18' },
          include: ['test/bindings/react.browser.test.tsx'],
          browser: inChromium(),
        },
      },
      {
        // Starts its own Redis server.
        test: {
          name: 'redis',
          pool,
          ...limits,
          include: [`${redis}/*.test.ts`],
          globalSetup: 'test/redis/setup.ts',
        },
      },
      {
        // Real processes that are killed and stopped. Run in CI, and by `npm run test:fleet`.
        test: {
          name: 'fleet',
          ...limits,
          include: [`${fleet}/*.test.ts`],
          fileParallelism: false,
        },
      },
      {
        // The built package, the packed tarball and the demo.
        test: {
          name: 'built',
          ...limits,
          include: built.map((folder) => `${folder}/*.test.ts`),
          globalSetup: 'test/e2e/setup.ts',
        },
      },
      {
        // The built docs. Run in CI, and by `npm run test:site`.
        test: {
          name: 'site',
          ...limits,
          include: [`${site}/*.test.ts`],
        },
      },
      {
        // The built package in Firefox and in WebKit. Run in CI, and by `npm run test:engines`.
        test: {
          name: 'engines',
          ...limits,
          include: [`${engines}/*.test.ts`],
          globalSetup: ['test/engines/setup.ts', 'test/e2e/setup.ts'],
          fileParallelism: false,
        },
      },
      {
        // Backends in Python. Run in CI, and by `npm run test:django`.
        resolve: { alias: network('node') },
        test: {
          name: 'django',
          include: [`${django}/*.test.ts`],
          globalSetup: 'test/contracts/django/setup.ts',
          env: { TZ: 'UTC' },
          ...limits,
        },
      },
    ],
  },
});
