/** The package `gale/redis`: rooms on several servers. Needs `@redis/client`. No logic. */
export { RedisAddress } from './stores/redis-address.ts';
export { RedisBroker } from './rooms/brokers/redis/redis-broker.ts';
export type { RedisBrokerOptions } from './rooms/brokers/redis/redis-broker.ts';
export { RedisRateLimitStore } from './web/middleware/redis-rate-limit-store.ts';
export type { RedisRateLimitStoreOptions } from './web/middleware/redis-rate-limit-store.ts';
export { RedisSessionStore } from './web/sessions/redis/redis-session-store.ts';
export type { RedisSessionStoreOptions } from './web/sessions/redis/redis-session-store.ts';
