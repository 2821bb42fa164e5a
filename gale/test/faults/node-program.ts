/**
 * The node of the suite: rooms at `/socket`, the person given by `?name=`, health at `/readyz`. Its only argument is a
 * {@link NodeWord} as JSON. The suite makes it fail over IPC: it replies to each {@link NodeOrder}. The example `rooms` serves
 * the same, but takes no orders and none of the short times that the suite needs.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Application, createLogger, HttpServer, MemoryBroker, Rooms, RoomSocket, runProgram, SqliteBroker } from 'gale';
import type { Person } from 'gale';
import { healthRoutes } from 'gale/web';
import type { Broker, RoomsOptions } from 'gale/rooms';
import { RedisBroker } from 'gale/redis';
import type { RedisBrokerOptions } from 'gale/redis';
import type { WebSocketOptions } from 'gale/websocket';
import type { Resources } from './measured-limits.ts';

/** How a node is started. */
export interface NodeWord {
  readonly port: number;
  /** `memory`, a URL of Redis, or the file of SQLite. */
  readonly broker: string;
  readonly redis?: Partial<Omit<RedisBrokerOptions, 'url' | 'log'>>;
  readonly rooms?: Omit<RoomsOptions, 'log'>;
  readonly websocket?: WebSocketOptions;
  readonly graceMs?: number;
}

/** What the suite can order. */
export type NodeOrder =
  | { readonly order: 'block' | 'skewClock' | 'slowData'; readonly ms: number }
  | { readonly order: 'signal'; readonly room: string }
  | { readonly order: 'ban'; readonly person: string }
  | { readonly order: 'people'; readonly room: string }
  | { readonly order: 'measure' | 'connections' };

const word = JSON.parse(process.argv[2] ?? '{}') as NodeWord;
const log = createLogger({ level: 'warn' });
const banned = new Set<string>();
const sockets = new Set<NodeSocket>();
let dataDelayMs = 0;
let rooms: Rooms;

class NodeSocket extends RoomSocket {
  override get rooms(): Rooms {
    return rooms;
  }

  override person(): Person | undefined {
    const name = this.getQueryArgument('name', '');
    return name === '' || banned.has(name) ? undefined : { id: name, name };
  }

  override async checkData(_room: string, data: unknown): Promise<unknown> {
    if (dataDelayMs > 0) await wait(dataDelayMs);
    return data;
  }

  override async open(): Promise<void> {
    sockets.add(this);
    await super.open();
  }

  override onClose(): void {
    super.onClose();
    sockets.delete(this);
  }
}

async function openBroker(): Promise<Broker> {
  const { broker, redis } = word;
  if (broker === 'memory') return new MemoryBroker({ log });
  if (broker.startsWith('redis:')) return RedisBroker.open({ url: broker, log, ...redis });
  return SqliteBroker.open({ path: broker, log });
}

await runProgram(
  async () => {
    const broker = await openBroker();
    rooms = new Rooms(broker, { log, limits: 'off', ...word.rooms });
    const routes = [
      ['/socket', NodeSocket] as const,
      ...healthRoutes({ checks: { broker: () => broker.check() }, timeoutMs: 1000, reuseMs: 50 }),
    ];
    const application = new Application(routes, { log, websocket: word.websocket ?? {} });
    const server = new HttpServer((request, response) => application.handle(request, response), { log });
    await server.listen(word.port, '127.0.0.1');
    process.on('message', ({ id, ...order }: NodeOrder & { id: number }) => {
      void obey(order, server).then((value) => process.send?.({ id, value }));
    });
    process.send?.({ serves: true });
    return {
      close: async (options) => {
        await Promise.all([server.close(options), rooms.close()]);
        await broker.close();
        process.disconnect?.();
      },
    };
  },
  { graceMs: word.graceMs ?? 5000, log },
);

async function obey(order: NodeOrder, server: HttpServer): Promise<unknown> {
  switch (order.order) {
    case 'block': {
      const endsAt = performance.now() + order.ms;
      while (performance.now() < endsAt);
      return undefined;
    }
    case 'skewClock': {
      const now = Date.now.bind(Date);
      Date.now = () => now() + order.ms;
      return undefined;
    }
    case 'slowData':
      dataDelayMs = order.ms;
      return undefined;
    case 'signal':
      await rooms.signal(order.room, 'typing').catch(() => {});
      return undefined;
    case 'people':
      return (await rooms.people(order.room)).map(({ id }) => id);
    case 'ban':
      banned.add(order.person);
      for (const socket of sockets)
        if (socket.getQueryArgument('name', '') === order.person) socket.endSession('banned');
      return undefined;
    case 'connections':
      return server.connectionCount;
    case 'measure': {
      for (let round = 0; round < 3; round++) {
        await wait(10);
        globalThis.gc?.();
      }
      const residentMiB = Math.round(process.memoryUsage().rss / 2 ** 20);
      return { connections: server.connectionCount, residentMiB } satisfies Resources;
    }
    default:
      return order satisfies never;
  }
}
