import { connect, copyContacts, stop } from '../../examples/workers/worker.ts';

/** Does what its parent says with the example of the guide, and ends when there is nothing left to do. */
const commands = { connect, copyContacts, stop };

process.on('message', async ([command, ...args]: [keyof typeof commands, ...never[]]) => {
  const run = commands[command] as (...args: never[]) => Promise<unknown>;
  process.send!((await run(...args)) ?? 'ok');
  if (command === 'stop') process.disconnect!();
});
process.send!('ready');
