/**
 * One command to a Redis of a test, past the code that is tested.
 */
import type { RedisServer } from './redis-server.ts';

/**
 * Sends a command over a connection of its own, which is closed after the reply. Needs `@redis/client`.
 *
 * @param words - As on the command line of Redis: `'CONFIG', 'SET', 'maxmemory', '1'`.
 * @returns The reply. Rejects with the error of Redis.
 */
export async function redisCommand({ url }: RedisServer, ...words: string[]): Promise<unknown> {
  const { createClient } = await import('@redis/client');
  const client = createClient({ url });
  client.on('error', () => {});
  await client.connect();
  try {
    return await client.sendCommand(words);
  } finally {
    client.destroy();
  }
}
