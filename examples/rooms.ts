/** Rooms over a WebSocket at `/socket`, with any broker. Clients connect with `gale/client`; docs/wire.md is the protocol. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Application, GaleError, MemoryBroker, Rooms, RoomSocket, SqliteBroker } from 'gale';
import type { ListeningServer, Logger, Person } from 'gale';
import type { Broker } from 'gale/rooms';

/** The options of the example. */
export interface RoomsExampleOptions {
  /** `memory`, `sqlite`, or the URL of a Redis. */
  readonly broker: string;
  /** The folder for the file of `sqlite`; created if it is missing. */
  readonly data: string;
  /** `off` removes the rates of people and rooms. */
  readonly limits: 'on' | 'off';
}

/** An application with a broker, which must be closed after the server. */
export interface RoomsExample {
  readonly application: Application;
  /** Closes the connections with 1012, so that clients reconnect; then the server, the rooms and the broker. */
  close(server: ListeningServer, options: { readonly graceMs: number }): Promise<void>;
}

/** Rooms of any name for anyone. The person of a connection is the argument `name`: `ws://127.0.0.1:8888/socket?name=ada`. */
export async function createRooms(
  { log }: { readonly log: Logger },
  { broker: store, data, limits }: RoomsExampleOptions,
): Promise<RoomsExample> {
  const broker = await openBroker(store, data, log);
  const rooms = new Rooms(broker, { log, limits });

  class Socket extends RoomSocket {
    override get rooms(): Rooms {
      return rooms;
    }

    override person(): Person | undefined {
      const name = this.getArgument('name', '').trim();
      return name === '' || name.length > 100 ? undefined : { id: name, name };
    }
  }

  const usage = 'Connect a client of gale/client to /socket?name=YOUR-NAME on this server.\n';
  return {
    application: new Application(
      [
        ['/', () => new Response(usage)],
        ['/socket', Socket],
      ],
      { log },
    ),
    async close(server, options) {
      const closing = rooms.close();
      await server.close(options);
      await closing;
      await broker.close();
    },
  };
}

async function makeFolder(data: string): Promise<void> {
  try {
    await mkdir(data, { recursive: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new GaleError(
      'OPTION_VALUE',
      `--data must be a folder, which is created if it is missing; got ${JSON.stringify(data)} (${code}).`,
    );
  }
}

async function openBroker(store: string, data: string, log: Logger): Promise<Broker> {
  if (store === 'memory') return new MemoryBroker();
  if (store === 'sqlite') {
    await makeFolder(data);
    return SqliteBroker.open({ path: join(data, 'rooms.sqlite'), log });
  }
  if (!/^(redis|rediss|unix):/.test(store)) {
    const value = store.includes('@') ? 'another URL' : JSON.stringify(store);
    throw new GaleError('OPTION_VALUE', `--broker must be memory, sqlite or a redis:// URL; got ${value}.`);
  }
  // Loaded here, since the others need no client of Redis.
  const { RedisBroker } = await import('gale/redis');
  return RedisBroker.open({ url: store, log });
}
