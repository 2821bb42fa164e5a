/** A server of rooms for tests. The cookie `user=NAME` identifies the person NAME. Everything closes after the test. */
import type { TestContext } from 'node:test';
import { Application, createLogger, HttpServer, MemoryBroker, Rooms, RoomSocket } from 'gale';
import type { Logger, Person } from 'gale';
import type { Broker, TypedRoomsOptions } from 'gale/rooms';
import type { WebSocketOptions } from 'gale/websocket';
import { RoomsClient } from 'gale/client';
import type { RoomsClientOptions } from 'gale/client';
import { eventually } from '../eventually.ts';

/** What a test may set. */
export interface RoomServerOptions {
  readonly broker?: Broker;
  readonly rooms?: TypedRoomsOptions;
  readonly websocket?: WebSocketOptions;
  /** Hooks that replace those of the socket. */
  readonly hooks?: Partial<
    Pick<
      RoomSocket,
      | 'person'
      | 'welcome'
      | 'canSubscribe'
      | 'canPublish'
      | 'canRead'
      | 'canAmend'
      | 'checkData'
      | 'onCommand'
      | 'onNotification'
      | 'getCurrentUser'
      | 'prepare'
      | 'open'
    >
  >;
  readonly log?: Logger;
}

/** A running server. */
export interface RoomServer {
  readonly port: number;
  readonly rooms: Rooms;
  /** Close codes of the connections, in the order they closed. */
  readonly closeCodes: readonly (number | undefined)[];
  /** Creates a client, of the class `Client` if it is another version. It connects when the test calls its `connect`. */
  client(
    person: string,
    options?: Partial<RoomsClientOptions> & { readonly port?: number; readonly Client?: typeof RoomsClient },
  ): RoomsClient;
  /** Opens a connection that can send any frame. */
  connect(person: string | undefined, headers?: Record<string, string>): Promise<RawConnection>;
}

/** Starts a server. */
export async function openRooms(t: TestContext, options: RoomServerOptions = {}): Promise<RoomServer> {
  const log = options.log ?? createLogger({ level: 'silent' });
  const broker = options.broker ?? new MemoryBroker();
  const rooms = new Rooms(broker, { log, ...options.rooms });

  const closeCodes: (number | undefined)[] = [];

  class TestSocket extends RoomSocket {
    override get rooms(): Rooms {
      return rooms;
    }

    override person(): Person | undefined {
      const name = this.getCookie('user');
      return name ? { id: name, name: name[0]?.toUpperCase() + name.slice(1) } : undefined;
    }

    override onClose(): void {
      super.onClose();
      closeCodes.push(this.closeCode);
    }
  }
  Object.assign(TestSocket.prototype, options.hooks);

  const application = new Application([['/socket', TestSocket]], { log, websocket: options.websocket ?? {} });
  const server = new HttpServer((request, response) => application.handle(request, response), { log });
  const { port } = await server.listen(0, '127.0.0.1');
  const clients: RoomsClient[] = [];
  const connections: RawConnection[] = [];
  t.after(async () => {
    for (const client of clients) client.close();
    for (const connection of connections) connection.close();
    await server.close({ graceMs: 0 });
    await rooms.close();
    if (!options.broker) await broker.close();
  });
  return {
    port,
    rooms,
    closeCodes,
    client(person, { port: over = port, Client = RoomsClient, ...rest } = {}) {
      const client = new Client({
        url: `ws://127.0.0.1:${over}/socket`,
        webSocket: (url) => openSocket(url, { cookie: `user=${person}` }),
        minBackoffMs: 2,
        maxBackoffMs: 20,
        ...rest,
      });
      clients.push(client);
      return client;
    },
    async connect(person, headers = {}) {
      const cookie: Record<string, string> = person === undefined ? {} : { cookie: `user=${person}` };
      const connection = new RawConnection(openSocket(`ws://127.0.0.1:${port}/socket`, { ...cookie, ...headers }));
      connections.push(connection);
      await connection.opened;
      return connection;
    },
  };
}

/** A frame of the server, with fields of any type. */
export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** One WebSocket without a client: sends any frame, and records the frames that it receives. */
export class RawConnection {
  /** Resolves when open; rejects if the server refuses. */
  readonly opened: Promise<void>;
  /** Received frames that were not taken yet. */
  readonly frames: Frame[] = [];
  closeCode: number | undefined;
  readonly #socket: WebSocket;
  #lastRef = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.frames.push(JSON.parse(String(data)) as Frame));
    socket.addEventListener('close', ({ code }) => (this.closeCode = code));
    this.opened = new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve());
      socket.addEventListener('error', () => reject(new Error('the server refused the WebSocket')));
    });
  }

  /** Sends a frame as it is. */
  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame);
  }

  /** Sends a command and takes its response. */
  async ask(type: string, fields: object = {}): Promise<Frame> {
    const ref = ++this.#lastRef;
    this.send(JSON.stringify({ type, ref, ...fields }));
    return this.take((frame) => frame['ref'] === ref);
  }

  /** Takes the first frame that fits, as soon as there is one. Earlier frames stay. */
  async take(fits: (frame: Frame) => boolean): Promise<Frame> {
    await eventually(
      () => this.frames.some(fits),
      () => `a frame that fits ${String(fits)} among ${JSON.stringify(this.frames).slice(0, 2000)}`,
    );
    return this.frames.splice(this.frames.findIndex(fits), 1)[0] as Frame;
  }

  /** Takes the first frame of a type. */
  takeType(type: string): Promise<Frame> {
    return this.take((frame) => frame.type === type);
  }

  close(): void {
    this.#socket.close();
  }
}

/** Opens Node's own WebSocket, which accepts headers. A browser sends cookies without them. */
function openSocket(url: string, headers: Record<string, string>): WebSocket {
  return Reflect.construct(WebSocket, [url, { headers }]) as WebSocket;
}
