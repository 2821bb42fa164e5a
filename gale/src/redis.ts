/** The package `gale/redis`: rooms on several servers. Needs `@redis/client`. No logic. */
export { RedisAddress } from './rooms/brokers/redis-address.ts';
export { RedisBroker } from './rooms/brokers/redis.ts';
export type { RedisBrokerOptions } from './rooms/brokers/redis.ts';
