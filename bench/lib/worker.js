import { contenderNamed } from '../contenders/index.js';

/** A child process that runs one measure for one contender and sends one result. */
process.once('message', async ({ measure, contender, params }) => {
  try {
    const { work } = await import(`../measures/${measure}.js`);
    process.send({ result: await work(contenderNamed(contender), params) });
  } catch (error) {
    process.send({ error: error.stack });
  }
});
