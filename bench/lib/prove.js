import assert from 'node:assert/strict';
import { createClient } from './client.js';

/** Checks before the measurement that the contender refreshes an expired token once over real HTTP and gets its response. */
export async function prove(contender, server) {
  await server.tell('reset', {});
  const tokens = await server.tell('signIn', contender.refreshes ? -1_000 : undefined);
  const client = await createClient(contender, { baseURL: server.baseURL, tokens });
  assert.deepEqual(await client.get('/order/'), { orders: [] });
  assert.equal((await server.tell('stats')).refreshes, contender.refreshes ? 1 : 0);
  client.close?.();
}
