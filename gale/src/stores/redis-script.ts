/**
 * A Lua script that Redis runs atomically. Each connection loads all scripts before it is used,
 * so a call sends only the hash of the script, and calls keep their order.
 */
import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-connection.ts';

/** A script and its SHA-1 hash. */
export class RedisScript {
  readonly text: string;
  readonly sha: string;

  constructor(text: string) {
    this.text = text;
    this.sha = createHash('sha1').update(text).digest('hex');
  }

  /** Loads the script into Redis. */
  async load(client: RedisClient): Promise<void> {
    await client.sendCommand(['SCRIPT', 'LOAD', this.text]);
  }

  /** Runs the script. @param keys - All keys that it uses, of one room. */
  async run(client: RedisClient, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await client.sendCommand(['EVALSHA', this.sha, ...rest]);
    } catch (error) {
      // The scripts of the server were flushed.
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return client.sendCommand(['EVAL', this.text, ...rest]);
    }
  }
}
