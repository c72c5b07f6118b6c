import { fleetContenderNamed, takeCommands } from '../contenders/fleet.js';

/** One process of a fleet. It opens sessions of one contender, and runs requests that wait for a token. */
const [name, tokenServer, redisUrl] = process.argv.slice(2);
const contender = await fleetContenderNamed(name).connect({ tokenServer, redisUrl });

const commands = {
  signIn: (tokens) => contender.signIn(tokens),
  async requests(count) {
    takeCommands();
    const settled = await Promise.allSettled(Array.from({ length: count }, () => contender.request()));
    const failed = settled.filter(({ status }) => status === 'rejected').length;
    return { failed, commands: takeCommands(), ended: Date.now() };
  },
};

process.on('message', async ({ id, command, argument }) => {
  process.send({ id, result: await commands[command](argument) });
});
process.on('disconnect', () => process.exit());
process.send({ id: 0 });
