/**
 * Sends one command to the Redis of a test, without the code under test.
 */
import type { RedisServer } from './redis-server.ts';

/**
 * Sends a command over a separate connection, which is closed after the reply. Needs `@redis/client`.
 *
 * @param args - The command and its arguments: `'CONFIG', 'SET', 'maxmemory', '1'`.
 * @returns The reply. Rejects with the error of Redis.
 */
export async function redisCommand({ url }: RedisServer, ...args: string[]): Promise<unknown> {
  const { createClient } = await import('@redis/client');
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.sendCommand(args);
  } finally {
    client.destroy();
  }
}
