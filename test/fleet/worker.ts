import { connect, copyContacts, stop } from '../../examples/workers/worker.ts';

/** Runs the commands of its parent with the guide's example, and ends when nothing is left to do. */
const commands = { connect, copyContacts, stop };

process.on('message', async ([command, ...args]: [keyof typeof commands, ...never[]]) => {
  const run = commands[command] as (...args: never[]) => Promise<unknown>;
  process.send!((await run(...args)) ?? 'ok');
  if (command === 'stop') process.disconnect!();
});
process.send!('ready');
