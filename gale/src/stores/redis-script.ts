/**
 * A Lua script that Redis carries out as one step. Every connection to Redis loads all scripts before it is used,
 * so a call sends only the name, and calls keep their order.
 */
import { createHash } from 'node:crypto';
import type { RedisClient } from './redis-connection.ts';

/** A script and the name Redis gives it. */
export class RedisScript {
  readonly text: string;
  readonly sha: string;

  constructor(text: string) {
    this.text = text;
    this.sha = createHash('sha1').update(text).digest('hex');
  }

  /** Lets Redis know the script. */
  async load(client: RedisClient): Promise<void> {
    await client.sendCommand(['SCRIPT', 'LOAD', this.text]);
  }

  /** Runs it. @param keys - All keys it touches, of one room. */
  async run(client: RedisClient, keys: readonly string[], words: readonly string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...words];
    try {
      return await client.sendCommand(['EVALSHA', this.sha, ...rest]);
    } catch (error) {
      // Somebody made the server forget its scripts.
      if (!(error as Error).message.startsWith('NOSCRIPT')) throw error;
      return client.sendCommand(['EVAL', this.text, ...rest]);
    }
  }
}
