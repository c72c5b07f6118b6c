import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { labelOf, readSurvivors } from './survivors.js';

/**
 * `npm run test:mutation`, or `npm run test:mutation -- src/tokens src/stores/memory.ts`. StrykerJS changes one
 * expression of a topic at a time and runs the topic's tests. A change that no test notices is a survivor. See
 * docs/mutation.md.
 */
const PAGE = 'docs/mutation.md';

/** Percent. Below this, the command fails. */
const LOWEST_SCORE = 95;

/**
 * The tests that run against the mutants of a topic: folders, or test files that need no server. The order matters,
 * because the first failing test ends the run of a mutant.
 */
const TOPICS = {
  'src/*.ts': [
    'test/session',
    'test/refresh/ends-at.test.ts',
    'test/refresh/refresh.node.test.ts',
    'test/tokens/token-set.node.test.ts',
    'test/coordination',
    'test/sign-out',
    'test/misuse.node.test.ts',
  ],
  'src/bodies': ['test/requests'],
  'src/coordination': ['test/coordination'],
  'src/refresh': [
    'test/refresh/refresh.node.test.ts',
    'test/refresh/waiting.node.test.ts',
    'test/refresh/pause.node.test.ts',
    'test/coordination',
  ],
  'src/sign-out': [
    'test/sign-out/sign-out-by.node.test.ts',
    'test/sign-out/cookie-left-behind.node.test.ts',
    'test/sign-out/logout.node.test.ts',
    'test/misuse.node.test.ts',
    'test/sign-out/shared-memory.node.test.ts',
  ],
  'src/tokens': ['test/tokens'],
  'src/requests': ['test/requests', 'test/clients/fetch-calls.node.test.ts', 'test/refresh/step-up.test.ts'],
  'src/redirect': ['test/redirect', 'test/misuse.node.test.ts'],
  'src/backends': [
    'test/backends/parts.node.test.ts',
    'test/backends/http-parts.node.test.ts',
    'test/backends/endpoint.node.test.ts',
    'test/backends/protocols.node.test.ts',
    'test/backends/exposed.node.test.ts',
    'test/backends/refused.test.ts',
    'test/backends/www-authenticate.test.ts',
    'test/backends/challenge.test.ts',
    'test/backends/cookie-only-parts.node.test.ts',
    'test/backends/cookie-meeting.node.test.ts',
    'test/backends/simple-jwt.test.ts',
    'test/backends/oauth2.test.ts',
    'test/two-applications.node.test.ts',
    'test/misuse.node.test.ts',
  ],
  'src/stores': [
    'test/stores/persistence.node.test.ts',
    'test/stores/web-storage.node.test.ts',
    'test/tabs/hand-over.node.test.ts',
  ],
  'src/tabs': ['test/tabs', 'test/misuse.node.test.ts'],
  'src/redis': ['test/redis-in-memory', 'test/misuse.node.test.ts'],
  'src/idle': [
    'test/idle/parts.node.test.ts',
    'test/idle/told.node.test.ts',
    'test/idle/activity.node.test.ts',
    'test/idle/watch-idle.node.test.ts',
  ],
  'src/recorder': [
    'test/recorder/report.node.test.ts',
    'test/recorder/record.node.test.ts',
    'test/recorder/failures.node.test.ts',
    'test/recorder/pages.node.test.ts',
  ],
  'src/clients': [
    'test/clients/addresses.node.test.ts',
    'test/clients/adapters.test.ts',
    'test/clients/redirects.test.ts',
    'test/clients/timeouts.test.ts',
    'test/clients/waiting.test.ts',
    'test/clients/concealed.test.ts',
    'test/clients/addresses-1.7.node.test.ts',
    'test/clients/fetch-calls.node.test.ts',
    'test/clients/fetch.test.ts',
    'test/clients/foreign.node.test.ts',
    'test/clients/repeated.test.ts',
    'test/clients/bodies.test.ts',
    'test/clients/resent.test.ts',
    'test/clients/streams.node.test.ts',
    'test/misuse.node.test.ts',
  ],
};

const KILLED = ['Killed', 'Timeout'];
const SURVIVED = ['Survived', 'NoCoverage'];

const { values, positionals } = parseArgs({
  options: { concurrency: { type: 'string', default: '2' } },
  allowPositionals: true,
});
const wanted = positionals.map((path) => path.replace(/\/$/, ''));
const unknown = wanted.filter((path) => !topicOf(path));
if (unknown.length) {
  console.error(
    `No topic has ${unknown.join(', ')}: give one of ${Object.keys(TOPICS).join(', ')}, or a file inside`,
  );
  process.exit(2);
}

const explained = readSurvivors(readFileSync(PAGE, 'utf8'));
const failures = [];
for (const path of wanted.length ? wanted : Object.keys(TOPICS)) failures.push(...(await judge(path)));
for (const failure of failures) console.error(failure);
if (failures.length) process.exitCode = 1;

function topicOf(path) {
  return Object.keys(TOPICS).find((topic) => isIn(path, topic));
}

/** `src/*.ts` stands for the files of `src`, without those of its folders. */
function isIn(path, place) {
  const siblings = path.endsWith('.ts') && `${dirname(path)}/*.ts`;
  return path === place || path.startsWith(`${place}/`) || siblings === place;
}

/** Runs one topic, prints its score, and returns its failures. */
async function judge(path) {
  const results = (await runMutants(path)).sort(byPlace);
  const killed = results.filter(({ status }) => KILLED.includes(status)).length;
  const survivors = results.filter(({ status }) => SURVIVED.includes(status));
  const score = (100 * killed) / (killed + survivors.length);
  const timedOut = results.filter(({ status }) => status === 'Timeout').length;
  const note = timedOut ? ` (${timedOut} by running out of time)` : '';
  console.log(
    `${path}: ${killed} of ${killed + survivors.length} mutants killed${note}, ${score.toFixed(1)} %`,
  );
  const labels = survivors.map(labelOf);
  return [
    ...(score < LOWEST_SCORE ? [`${path}: the score is below ${LOWEST_SCORE} %`] : []),
    ...survivors
      .filter((mutant) => !explained.has(labelOf(mutant)))
      .map((mutant) => `Survived at line ${mutant.location.start.line}\n  ${labelOf(mutant)}`),
    ...[...explained]
      .filter((label) => isIn(label.split(':')[0], path) && !labels.includes(label))
      .map((label) => `A test kills it, so ${PAGE} need not list it:\n  ${label}`),
  ];
}

function byPlace(one, other) {
  const line = ({ location }) => location.start.line;
  return one.fileName.localeCompare(other.fileName) || line(one) - line(other);
}

function runMutants(path) {
  const name = path.replaceAll(/[/*]+/g, '-').replace(/-?\.ts$/, '');
  const reports = `reports/mutation/${name}`;
  // test/mutation/vitest.config.ts reads this in StrykerJS's worker processes.
  process.env.MUTATION_TESTS = TOPICS[topicOf(path)].join();
  return new Stryker({
    mutate: [path.endsWith('.ts') ? path : `${path}/**/*.ts`],
    concurrency: Number(values.concurrency),
    incrementalFile: `${reports}.incremental.json`,
    htmlReporter: { fileName: `${reports}.html` },
    jsonReporter: { fileName: `${reports}.json` },
  }).runMutationTest();
}
