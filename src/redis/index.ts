export type { RedisClient } from './client.js';
export type { RedisOptions } from './options.js';
export { redisFleet, redisStore } from './redis-store.js';
