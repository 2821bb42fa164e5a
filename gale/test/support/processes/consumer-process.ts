/**
 * A server of rooms that publishes, and appends what its consumer reads to a file, for consumer-processes.test.ts.
 * Arguments: `sqlite` or `redis`, the file or the URL, a folder, how many messages to publish, and where to end with SIGKILL:
 * `read`, `stored` or `saved`, and at which batch. Writes acknowledged ids to `FOLDER/acknowledged`, and messages to `FOLDER/archive`.
 */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createLogger, GaleError, Rooms, SqliteBroker } from 'gale';
import { RedisBroker } from 'gale/redis';
import { RoomError } from 'gale/rooms';

const log = createLogger({ level: 'silent' });

async function main(): Promise<void> {
  const [kind, place = '', folder = '', count = '0', step = '', at = '0'] = process.argv.slice(2);
  const broker =
    kind === 'redis' ? await RedisBroker.open({ url: place, log }) : await SqliteBroker.open({ path: place, log });
  const rooms = new Rooms(broker, {
    log,
    limits: 'off',
    historyCount: 5,
    consumers: ['archive'],
    maxUnsavedMessages: 20,
    consumerLeaseMs: 1000,
  });
  process.send?.('open');
  let reached = 0;
  const reach = (its: string): void => {
    if (its === step && ++reached === Number(at)) process.kill(process.pid, 'SIGKILL');
  };

  const publish = async (): Promise<void> => {
    for (let number = 0; number < Number(count); number++) {
      const room = `room ${number % 3}`;
      const id = `${process.pid}-${number}`;
      let isStored = false;
      while (!isStored) {
        try {
          await rooms.publish(room, { id, author: { id: 'ada', name: 'Ada' }, data: number }, { retry: true });
          isStored = true;
        } catch (error) {
          const { code } = error as GaleError | RoomError;
          if (code !== 'ROOM_TOO_FAST' && code !== 'ROOM_UNAVAILABLE') throw error;
          await delay(5);
        }
      }
      appendFileSync(join(folder, 'acknowledged'), `${room}:${id}\n`);
    }
    process.send?.('published');
  };

  const consume = async (): Promise<void> => {
    try {
      for await (const { room, epoch, messages, save } of rooms.consumer('archive')) {
        reach('read');
        const lines = messages.map(({ id, offset }) => `${room}:${id}:${epoch}:${offset}\n`);
        appendFileSync(join(folder, 'archive'), lines.join(''));
        process.send?.('stored');
        reach('stored');
        await save();
        reach('saved');
      }
    } catch (error) {
      if (!(error instanceof GaleError && error.code === 'ROOM_CONSUMER_LOST')) throw error;
      process.send?.('lost');
      await consume();
    }
  };

  process.on('disconnect', () => process.exit());
  await Promise.all([publish(), consume()]);
}

await main();
