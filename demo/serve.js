import { parseArgs } from 'node:util';
import { buildIfNeeded } from './server/build-package.js';
import { startDemo } from './server/start.js';

const HELP = `npm run demo -- [options]

  --port <port>  listen on this port, or on the next free one; 0: any   (default: 5173)
  --help         show this help
`;

const { values } = readArguments();
if (values.help) {
  process.stdout.write(HELP);
} else {
  buildIfNeeded();
  const demo = await startDemo({ port: Number(values.port) });
  const stop = () => demo.close().then(() => process.exit(0));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  console.log(`unexpired demo: ${demo.url}`);
}

function readArguments() {
  try {
    const parsed = parseArgs({
      options: {
        port: { type: 'string', default: '5173' },
        help: { type: 'boolean', default: false },
      },
    });
    assertPort(parsed.values.port);
    return parsed;
  } catch (error) {
    process.stderr.write(`${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

function assertPort(port) {
  if (!/^\d+$/.test(port)) throw new TypeError(`"--port" must be a number, got ${port}`);
  if (Number(port) > 65_535) throw new RangeError(`"--port" must be a number, at most 65535, got ${port}`);
}
