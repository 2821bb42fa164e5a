/** The package `gale/testing`: an application under test, and what tests of rooms need. No logic. */
// applications
export { testApp } from './testing/test-app.ts';
export type { TestApp, TestAppOptions, TestedApplication, TestHooks, TestTools } from './testing/test-app.ts';
export type { TestClient, TestConnectOptions } from './testing/test-client.ts';
export type { TestForm, TestRequestInit } from './testing/outgoing-request.ts';
export type { CookieJar } from './testing/cookie-jar.ts';
export type { ExpectLogOptions, LogPattern, TestLog, TestLogLine } from './testing/test-log.ts';
export type { TestClock } from './testing/test-clock.ts';
export type { NextOptions, TestWebSocket } from './testing/test-websocket.ts';
// programs
export { freePort } from './testing/free-port.ts';
export { isListenedAt } from './testing/is-listened-at.ts';
export { redisCommand } from './testing/redis-command.ts';
export { redisMissing, startRedis } from './testing/redis-server.ts';
export type { RedisServer, RedisServerOptions } from './testing/redis-server.ts';
export { fillDisk, freeDisk, fullDiskMissing } from './testing/full-disk.ts';
