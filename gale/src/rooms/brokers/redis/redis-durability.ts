/**
 * Warnings about settings of Redis that lose acknowledged messages: no persistence, an append-only file that is not synced at once,
 * and a policy that removes keys when memory is full.
 */
import type { Logger } from '../../../run/log.ts';
import type { RedisClient } from '../../../stores/redis-connection.ts';

/**
 * Logs one warning for each such setting. Settings that this user of Redis may not read cause no warning.
 *
 * @param info - The reply to `INFO`.
 * @param shown - The address of Redis for the log.
 */
export async function warnOfLoss(client: RedisClient, info: string, shown: string, log: Logger): Promise<void> {
  const policy = /^maxmemory_policy:(.*?)\r?$/m.exec(info)?.[1] ?? 'noeviction';
  if (policy !== 'noeviction') {
    log.warn(
      { redis: shown, policy },
      'Redis removes keys when its memory is full, so messages and accounts can be lost; set maxmemory-policy noeviction',
    );
  }
  if (/^aof_enabled:0\r?$/m.test(info)) {
    // Without the right to read it, a snapshot may exist, and the warning is true in both cases.
    const save = await readSetting(client, 'save');
    if (save === undefined || save === '') {
      log.warn(
        { redis: shown },
        'Redis has no append-only file, so a restart loses messages; set appendonly yes and appendfsync always',
      );
    } else {
      log.warn(
        { redis: shown, save },
        'Redis has snapshots only, so a crash loses the messages since the last one; set appendonly yes and appendfsync always',
      );
    }
    return;
  }
  const appendfsync = await readSetting(client, 'appendfsync');
  if (appendfsync !== undefined && appendfsync !== 'always') {
    log.warn(
      { redis: shown, appendfsync },
      'Redis does not sync its append-only file before it responds, so a crash can lose acknowledged messages; set appendfsync always',
    );
  }
}

/** @returns The value, or `undefined` if this user may not read settings, as with most hosted Redis. */
async function readSetting(client: RedisClient, name: 'appendfsync' | 'save'): Promise<string | undefined> {
  try {
    return (await client.configGet(name))[name];
  } catch {
    return undefined;
  }
}
