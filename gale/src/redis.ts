/** The package `gale/redis`: rooms on several servers. Needs `@redis/client`. No logic. */
export { RedisBroker } from './rooms/brokers/redis.ts';
export type { RedisBrokerOptions } from './rooms/brokers/redis.ts';
