/** An HTTP server that opens a WebSocket for every request, for tests; it records the callbacks of each connection. */
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { HttpServer } from '../../../src/http/server.ts';
import { TimerWheel } from '../../../src/http/timing/timer-wheel.ts';
import { acceptWebSocket } from '../../../src/websocket/accept.ts';
import type { WebSocketConnection } from '../../../src/websocket/connection.ts';
import { readHandshake } from '../../../src/websocket/protocol/handshake.ts';
import type { WebSocketEvents } from '../../../src/websocket/websocket-events.ts';
import type { WebSocketOptions } from '../../../src/websocket/websocket-options.ts';
import { eventually, untilLine } from '../eventually.ts';

/** One connection and its callbacks in order. */
export class ServedConnection implements WebSocketEvents {
  connection!: WebSocketConnection;
  socket!: Socket;
  /** Lines as `message Hello`, `close 1000 bye`, `error Error: …`. */
  readonly lines: string[] = [];
  readonly #handlers: Partial<WebSocketEvents>;

  constructor(handlers: Partial<WebSocketEvents>) {
    this.#handlers = handlers;
  }

  onOpen(connection: WebSocketConnection): unknown {
    this.connection = connection;
    this.lines.push('open');
    return this.#handlers.onOpen?.(connection);
  }

  onMessage(message: string | Buffer): unknown {
    this.lines.push(typeof message === 'string' ? `message ${message}` : `binary ${message.toString('hex')}`);
    return this.#handlers.onMessage?.call(this, message);
  }

  onPing(data: Buffer): unknown {
    this.lines.push(`ping ${data.toString()}`.trimEnd());
    return this.#handlers.onPing?.call(this, data);
  }

  onPong(data: Buffer): unknown {
    this.lines.push(`pong ${data.toString()}`.trimEnd());
    return this.#handlers.onPong?.call(this, data);
  }

  onServerClosing(): void {
    this.#handlers.onServerClosing?.call(this);
  }

  onClose(code: number, reason: string): unknown {
    this.lines.push(`close ${code} ${reason}`.trimEnd());
    return this.#handlers.onClose?.call(this, code, reason);
  }

  onError(error: unknown): void {
    this.lines.push(`error ${error instanceof Error && 'code' in error ? error.code : error}`);
  }

  /** Settles when this line was recorded. */
  async noted(line: string | RegExp): Promise<void> {
    await untilLine(this.lines, line);
  }
}

/** Options of {@link serve}. */
export interface ServeOptions {
  /** Called as members of the {@link ServedConnection}. */
  readonly on?: Partial<WebSocketEvents> & ThisType<ServedConnection>;
  readonly options?: WebSocketOptions;
  /** Chooses an offered subprotocol. */
  readonly choose?: (protocols: readonly string[]) => string | undefined;
}

/** A server that closes with its test. */
export interface WebSocketServerUnderTest {
  /** Closes it. */
  close(graceMs: number): Promise<void>;
  readonly port: number;
  readonly url: string;
  readonly served: ServedConnection[];
  /** Clock of the deadlines: only tests advance it. */
  readonly time: TestTime;
  /** Waits for `count` connections. @returns The newest. */
  connected(count: number): Promise<ServedConnection>;
}

/** A wheel with a clock that only tests advance. */
export class TestTime {
  #now = 0;
  readonly wheel: TimerWheel = new TimerWheel({ tickMs: 100, now: () => this.#now });

  /** Advances the clock in steps of a tick. */
  pass(ms: number): void {
    for (const end = this.#now + ms; this.#now < end;) {
      this.#now = Math.min(end, this.#now + 100);
      this.wheel.advance();
    }
  }
}

/** Starts a server on a free port. */
export async function serve(
  t: TestContext,
  { on = {}, options = {}, choose }: ServeOptions = {},
): Promise<WebSocketServerUnderTest> {
  const served: ServedConnection[] = [];
  const time = new TestTime();
  const server = new HttpServer((request) => {
    const handshake = readHandshake(request);
    const events = new ServedConnection(on);
    const protocol = choose?.(handshake.protocols);
    const atTestTime = Object.create(request, {
      maxResponseHeadBytes: { value: request.maxResponseHeadBytes },
      upgrade: {
        value: () => {
          const upgraded = request.upgrade();
          events.socket = upgraded.socket;
          return { ...upgraded, wheel: time.wheel };
        },
      },
    }) as typeof request;
    events.connection = acceptWebSocket(atTestTime, handshake, events, { protocol, options });
    served.push(events);
  });
  const { port } = await server.listen(0, '127.0.0.1');
  t.after(async () => {
    await server.close({ graceMs: 0 });
    time.wheel.stop();
  });
  return {
    close: (graceMs) => server.close({ graceMs }),
    port,
    url: `ws://127.0.0.1:${port}/`,
    served,
    time,
    async connected(count) {
      await eventually(() => served.length >= count && served[count - 1]!.lines.length > 0);
      return served[count - 1]!;
    },
  };
}
