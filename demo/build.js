import { fileURLToPath } from 'node:url';
import { buildIfNeeded } from './server/build-package.js';
import { buildSite } from './server/build-site.js';

/** `npm run demo:build`: writes the playground to demo/dist, for any static file server. */
const OUT = fileURLToPath(new URL('dist', import.meta.url));

buildIfNeeded();
await buildSite(OUT);
console.log(`The playground is in ${OUT}`);
