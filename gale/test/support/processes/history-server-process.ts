/**
 * A server of rooms alone in its process, for history-memory.slow-test.ts; start it with `--expose-gc`. It fills rooms with large
 * messages of one account, sends its port, and replies to each message with a {@link HistoryMeasurement}.
 * Arguments: `memory`, `sqlite` or `redis`, and the file or the URL.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { Application, createLogger, HttpServer, MemoryBroker, Rooms, RoomSocket, SqliteBroker } from 'gale';
import type { Person } from 'gale';
import type { Broker } from 'gale/rooms';
import { RedisBroker } from 'gale/redis';
import { ObservedBroker } from '../rooms/observed-broker.ts';

/** Resources and counts of the server. */
export interface HistoryMeasurement {
  /** Heap in use and memory outside of it, after a garbage collection, unless messages were published. */
  readonly memoryBytes: number;
  readonly connections: number;
  /** Completed subscriptions since the start. */
  readonly subscribed: number;
  /** The most buffered bytes of one connection. */
  readonly maxBuffered: number;
  /** How connections were closed. */
  readonly closeCodes: Readonly<Record<string, number>>;
  readonly reads: number;
  /** Reads in progress now, and the most at once since the start. */
  readonly running: number;
  readonly maxRunning: number;
  /** Bytes of the largest page. */
  readonly largestPage: number;
}

/** Rooms `room 1` to this. */
export const roomCount = 20;
/** Messages in each. */
export const messageCount = 100;
/** Bytes of text in each message. */
export const messageBytes: number = 40 * 1024;

async function open(kind: string | undefined, place: string): Promise<Broker> {
  const log = createLogger({ level: 'silent' });
  if (kind === 'redis') return RedisBroker.open({ url: place, log });
  return kind === 'sqlite' ? SqliteBroker.open({ path: place, log }) : new MemoryBroker({ log });
}

async function main(): Promise<void> {
  const [kind, place = ''] = process.argv.slice(2);
  const broker = new ObservedBroker(await open(kind, place));
  const rooms = new Rooms(broker, { log: createLogger({ level: 'silent' }), limits: 'off' });
  const sockets = new Set<HistorySocket>();
  const closeCodes: Record<string, number> = {};
  let subscribed = 0;

  class HistorySocket extends RoomSocket {
    override get rooms(): Rooms {
      return rooms;
    }

    override person(): Person {
      return { id: 'mallory', name: 'Mallory' };
    }

    get buffered(): number {
      return this.connection.bufferedAmount;
    }

    override sendEvent(event: object): void {
      super.sendEvent(event);
      if ('recovered' in event) subscribed++;
    }

    override async open(): Promise<void> {
      sockets.add(this);
      await super.open();
    }

    override onClose(): void {
      super.onClose();
      sockets.delete(this);
      const code = String(this.closeCode);
      closeCodes[code] = (closeCodes[code] ?? 0) + 1;
    }
  }

  const say = (room: string): Promise<unknown> => {
    const id = crypto.randomUUID();
    return rooms.publish(room, { id, author: { id: 'mallory', name: 'Mallory' }, data: 'x'.repeat(messageBytes) });
  };
  for (let room = 1; room <= roomCount; room++) {
    for (let count = 0; count < messageCount; count++) await say(`room ${room}`);
  }

  const application = new Application([['/socket', HistorySocket]], {
    log: createLogger({ level: 'silent' }),
    // A client that reads nothing sends no pong either.
    websocket: { pingIntervalMs: 0 },
  });
  const server = new HttpServer((request, response) => application.handle(request, response));
  const measure = async (rounds: number): Promise<HistoryMeasurement> => {
    for (let round = 0; round < rounds; round++) {
      await turn();
      globalThis.gc?.();
    }
    const { heapUsed, external } = process.memoryUsage();
    return {
      memoryBytes: heapUsed + external,
      connections: server.connectionCount,
      subscribed,
      maxBuffered: Math.max(0, ...[...sockets].map(({ buffered }) => buffered)),
      closeCodes,
      reads: broker.reads.length,
      running: broker.running,
      maxRunning: broker.maxRunning,
      largestPage: broker.largestPage,
    };
  };
  process.on('message', (word: 'measure' | { readonly say: readonly string[] }) => {
    const measuring =
      word === 'measure'
        ? measure(5)
        : Promise.all(word.say.map(say))
            .then(() => turn())
            .then(() => measure(0));
    void measuring.then((measurement) => process.send?.(measurement));
  });
  process.on('disconnect', () => process.exit());
  const { port } = await server.listen(0, '127.0.0.1');
  process.send?.(port);
}

if (process.send) await main();
