import { rmSync } from 'node:fs';
import { FOLDERS } from './entries.js';

for (const folder of ['build', 'dist', ...FOLDERS]) rmSync(folder, { recursive: true, force: true });
