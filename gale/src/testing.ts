/** The package `gale/testing`: what tests of rooms stand on. No logic. */
export { freePort } from './testing/free-port.ts';
export { isListenedAt } from './testing/is-listened-at.ts';
export { redisCommand } from './testing/redis-command.ts';
export { redisMissing, startRedis } from './testing/redis-server.ts';
export type { RedisServer, RedisServerOptions } from './testing/redis-server.ts';
export { fillDisk, freeDisk, fullDiskMissing } from './testing/full-disk.ts';
