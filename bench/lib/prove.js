import assert from 'node:assert/strict';
import { createClient } from './client.js';

/** Before it is timed: over real HTTP an expired token is refreshed once, and the request answered. */
export async function prove(contender, server) {
  await server.tell('reset', {});
  const tokens = await server.tell('signIn', contender.refreshes ? -1_000 : undefined);
  const client = await createClient(contender, { baseURL: server.baseURL, tokens });
  assert.deepEqual(await client.get('/order/'), { orders: [] });
  assert.equal((await server.tell('stats')).refreshes, contender.refreshes ? 1 : 0);
  client.close?.();
}
