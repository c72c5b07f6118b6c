import { listen } from './server.js';

const { baseURL, commands } = await listen();
process.on('message', ({ id, command, argument }) => {
  process.send({ id, result: commands[command](argument) });
});
process.on('disconnect', () => process.exit());
process.send({ baseURL });
