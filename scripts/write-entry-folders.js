import { mkdirSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { FOLDERS, filesOf } from './entries.js';

/**
 * Writes `axios/package.json` and others, for tools that do not read `exports`: Parcel 2 and Metro by
 * default, Jest 27, webpack 4, and TypeScript with `moduleResolution: node`.
 */
for (const folder of FOLDERS) {
  const { import: module, require } = filesOf(folder);
  const from = (path) => relative(folder, path).replaceAll('\\', '/');
  const manifest = {
    main: from(require.default),
    module: from(module.default),
    types: from(require.types),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}
