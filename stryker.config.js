/** For scripts/mutation.js, which says what to mutate and where the reports go. */
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
  coverageAnalysis: 'perTest',
  // ms for the tests of one mutant: this, and twice the time that they take without it. Long, so that a busy machine kills none:
  // most endless loops are told by how often a mutant is run.
  timeoutMS: 30_000,
  timeoutFactor: 2,
  dryRunTimeoutMinutes: 10,
  incremental: true,
  ignorePatterns: [
    'bench',
    'build',
    'demo',
    'dist',
    'docs',
    'reports',
    'test/e2e',
    'test/engines',
    'test/package',
  ],
  // TypeScript 7 has no API with which StrykerJS could rewrite a tsconfig.json, and nothing in its copy needs that.
  tsconfigFile: 'none',
  reporters: ['html', 'json'],
  logLevel: 'warn',
  // Regular expressions at the top of a file are static mutants: every test of the topic runs against them.
  warnings: { slow: false },
  allowConsoleColors: false,
  // scripts/mutation.js compares the score.
  thresholds: { break: null },
};
