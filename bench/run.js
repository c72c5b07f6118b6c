import { parseArgs } from 'node:util';
import { CHROMIUM_ARGS, chromiumPath } from '../test/support/chromium.ts';
import { installBuilt } from './lib/install.js';

const MEASURES = ['overhead', 'storm', 'steady', 'tabs', 'fleet', 'size'];

const HELP = `npm run bench -- [${MEASURES.join('] [')}] [options]

  --rounds <n>      overhead: pairs of blocks per process                  (default: 400)
  --processes <n>   overhead: processes per contender                      (default: 3)
  --storms <n>      storm: runs per contender                              (default: 2)
  --lifetimes <n>   steady: token lifetimes per run                        (default: 10)
  --steady-runs <n> steady: runs per contender                             (default: 2)
  --tab-runs <n>    tabs: runs per contender and number of tabs            (default: 3)
  --fleet-runs <n>  fleet: runs per contender                              (default: 5)
  --docs            update the tables in docs/performance.md
  --help            show this help
`;

const number = (value) => ({ type: 'string', default: String(value) });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: number(400),
    processes: number(3),
    storms: number(2),
    lifetimes: number(10),
    'steady-runs': number(2),
    'tab-runs': number(3),
    'fleet-runs': number(5),
    docs: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

const unknown = positionals.filter((name) => !MEASURES.includes(name));
if (values.help || unknown.length) {
  process.stdout.write(unknown.length ? `Unknown measure: ${unknown.join(', ')}\n\n${HELP}` : HELP);
  process.exit(unknown.length ? 2 : 0);
}

installBuilt();
// Imported only now, because the contenders import the package that has just been installed.
const { describeMachine, report, updateDocs } = await import('./report.js');
const options = {
  rounds: Number(values.rounds),
  processes: Number(values.processes),
  storms: Number(values.storms),
  lifetimes: Number(values.lifetimes),
  steadyRuns: Number(values['steady-runs']),
  tabRuns: Number(values['tab-runs']),
  fleetRuns: Number(values['fleet-runs']),
  chromiumPath,
  chromiumArgs: CHROMIUM_ARGS,
};
const machine = describeMachine();
for (const name of positionals.length ? positionals : MEASURES) {
  const measure = await import(`./measures/${name}.js`);
  const started = Date.now();
  const rows = await measure.run(options);
  report(name, measure.title, rows, { machine, seconds: Math.round((Date.now() - started) / 1_000) });
}
if (values.docs) updateDocs();
