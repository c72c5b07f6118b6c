import { contenderNamed } from '../contenders/index.js';

/** A child process: one contender, one measure, one answer. */
process.once('message', async ({ measure, contender, params }) => {
  try {
    const { work } = await import(`../measures/${measure}.js`);
    process.send({ result: await work(contenderNamed(contender), params) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});
