import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const guide = join(import.meta.dirname, '../../../docs/environments.md');

export default {
  'react-17': {
    packages: {
      axios: '1.21.1',
      'happy-dom': '21.0.4',
      react: '17.0.2',
      'react-dom': '17.0.2',
      vitest: '5.1.2',
    },
    async check(folder) {
      const [, hook] = /```ts\n\/\/ use-session\.ts\n([\s\S]*?)```/.exec(readFileSync(guide, 'utf8'));
      folder.write('use-session.ts', hook);
      await folder.run('vitest', ['run', '--maxWorkers=1']);
    },
  },
};
