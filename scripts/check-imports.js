import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';

/**
 * The storeys of the house, the lowest first. A file imports from its own storey and from those below, types included,
 * and never in a circle.
 */
const STOREYS = [
  ['errors', 'wait', 'page-address', 'redirect/return-to', 'tokens/'],
  ['events', 'stores/', 'backends/'],
  ['options', 'redirect/', 'tabs/'],
  ['state'],
  ['refresh/', 'follower'],
  ['session'],
  ['requests/'],
  ['clients/', 'bindings/', 'testing/', 'index'],
];

const files = globSync('**/*.ts', { cwd: 'src' }).map((file) =>
  file.replaceAll('\\', '/').replace(/\.ts$/, ''),
);
const imports = new Map(files.map((file) => [file, importsOf(file)]));
const faults = [...files.flatMap(upward), ...circles()];
for (const fault of faults) console.error(fault);
if (faults.length) process.exit(1);
console.log(`${files.length} files import downwards only, without circles`);

function importsOf(file) {
  const path = `src/${file}.ts`;
  const { module } = parseSync(path, readFileSync(path, 'utf8'));
  const specifiers = [
    ...module.staticImports.map(({ moduleRequest }) => moduleRequest.value),
    ...module.staticExports.flatMap(({ entries }) =>
      entries.map(({ moduleRequest }) => moduleRequest?.value),
    ),
  ];
  const local = specifiers.filter((specifier) => specifier?.startsWith('.'));
  return [...new Set(local.map((specifier) => join(dirname(file), specifier).replace(/\.js$/, '')))];
}

function upward(file) {
  const above = imports.get(file).filter((imported) => storeyOf(imported) > storeyOf(file));
  return above.map((imported) => `src/${file}.ts imports upwards: src/${imported}.ts`);
}

function storeyOf(file) {
  const storey = STOREYS.findIndex((rooms) => rooms.some((room) => isIn(file, room)));
  if (storey < 0)
    throw new Error(`src/${file}.ts stands in no storey: add its room to scripts/check-imports.js`);
  return storey;
}

function isIn(file, room) {
  return room.endsWith('/') ? file.startsWith(room) : file === room;
}

function circles() {
  const done = new Set();
  const found = [];
  const visit = (file, path) => {
    if (path.includes(file)) found.push(`circle: ${[...path.slice(path.indexOf(file)), file].join(' → ')}`);
    if (path.includes(file) || done.has(file)) return;
    for (const imported of imports.get(file) ?? []) visit(imported, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  return found;
}
