import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';

/**
 * The layers, the lowest first. A file imports only from its own layer and lower ones, including types, and never in
 * a circle.
 */
const LAYERS = [
  ['errors', 'wait', 'kind-of', 'assert', 'page-address', 'redirect/return-to', 'bodies/', 'tokens/'],
  ['refresh/outcome', 'refresh/breaker'],
  ['coordination/'],
  ['tabs/'],
  ['events', 'stores/', 'backends/', 'sign-out/'],
  ['options', 'redirect/'],
  ['existing'],
  ['state'],
  ['refresh/'],
  ['session'],
  ['session-timer', 'requests/'],
  ['keep-alive', 'warn-before-end', 'idle/', 'recorder/'],
  ['clients/', 'bindings/', 'redis/', 'testing/', 'index'],
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
  const above = imports.get(file).filter((imported) => layerOf(imported) > layerOf(file));
  return above.map((imported) => `src/${file}.ts imports upwards: src/${imported}.ts`);
}

function layerOf(file) {
  const layer = LAYERS.findIndex((places) => places.some((place) => isIn(file, place)));
  if (layer < 0) throw new Error(`src/${file}.ts is in no layer: add it to scripts/check-imports.js`);
  return layer;
}

function isIn(file, place) {
  return place.endsWith('/') ? file.startsWith(place) : file === place;
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
