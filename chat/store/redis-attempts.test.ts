import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from 'gale';
import type { RedisConnection } from './redis-connection.ts';
import { RedisAttempts } from './redis-attempts.ts';

/** Attempts over a connection whose commands the test settles. */
function fakeRedis(): { attempts: RedisAttempts; commands: PromiseWithResolvers<unknown>[] } {
  const commands: PromiseWithResolvers<unknown>[] = [];
  const run = <Result>(): Promise<Result> => {
    const command = Promise.withResolvers<Result>();
    commands.push(command as PromiseWithResolvers<unknown>);
    return command.promise;
  };
  return { attempts: new RedisAttempts({ run } satisfies Pick<RedisConnection, 'run'>), commands };
}

const unavailable = new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');

for (const change of ['giveBack', 'forget'] as const) {
  test(`${change} settles after Redis has executed it`, async () => {
    const { attempts, commands } = fakeRedis();
    let isSettled = false;
    const changed = attempts[change]('key').then(() => (isSettled = true));
    await new Promise(setImmediate);
    assert.equal(commands.length, 1);
    assert.equal(isSettled, false);
    commands[0]?.resolve(1);
    await changed;
  });

  test(`${change} rejects with an error other than an unavailable Redis`, async () => {
    const { attempts, commands } = fakeRedis();
    const changed = attempts[change]('key');
    await new Promise(setImmediate);
    commands[0]?.reject(new TypeError('a fault'));
    await assert.rejects(changed, TypeError);
  });

  test(`${change} changes the count in memory while Redis is unavailable`, async () => {
    const { attempts, commands } = fakeRedis();
    const count = async (): Promise<number> => {
      const counted = attempts.count('key', 60_000);
      commands.at(-1)?.reject(unavailable);
      return (await counted).count;
    };
    assert.deepEqual([await count(), await count()], [1, 2]);
    const changed = attempts[change]('key');
    await new Promise(setImmediate);
    commands.at(-1)?.reject(unavailable);
    await changed;
    assert.equal(await count(), change === 'giveBack' ? 2 : 1);
  });
}
