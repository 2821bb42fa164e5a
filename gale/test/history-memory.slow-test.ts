/** That history takes bounded memory, whatever readers do: a server with a heap of 256 MB, and hundreds of readers. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { redisMissing, startRedis } from '../src/testing/redis-server.ts';
import { opcodes } from '../src/websocket/protocol/frame.ts';
import { eventually } from './support/eventually.ts';
import { messageBytes, messageCount, roomCount } from './support/processes/history-server-process.ts';
import type { HistoryMeasurement } from './support/processes/history-server-process.ts';
import { offsetsFrom } from './support/rooms/recording-subscriber.ts';
import { clientFrame } from './support/websocket/websocket-bytes.ts';
import { upgradeRequestTo } from './support/websocket/websocket-crowd.ts';

const timeoutMs = 120_000;
const mebibyte = 2 ** 20;

/** The server's end. */
class HistoryServer {
  readonly port: number;
  readonly #ask: (word: object | string) => Promise<HistoryMeasurement>;

  constructor(port: number, ask: HistoryServer['ask']) {
    this.port = port;
    this.#ask = ask;
  }

  static async start(t: TestContext, kind: string, place: string): Promise<HistoryServer> {
    const program = fileURLToPath(new URL('support/processes/history-server-process.ts', import.meta.url));
    const child = fork(program, [kind, place], {
      execArgv: ['--expose-gc', '--conditions=gale-source', '--max-old-space-size=256'],
    });
    const exited = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`the server ended with ${signal ?? code}`);
    });
    exited.catch(() => {});
    t.after(async () => {
      child.kill('SIGKILL');
      await assert.rejects(exited, /SIGKILL/);
    });
    const [port] = (await Promise.race([once(child, 'message'), exited])) as [number];
    return new HistoryServer(port, async (word) => {
      const measuring = once(child, 'message');
      child.send(word);
      const [measurement] = (await Promise.race([measuring, exited])) as [HistoryMeasurement];
      return measurement;
    });
  }

  ask(word: object | string): Promise<HistoryMeasurement> {
    return this.#ask(word);
  }

  /** Waits for what the server counts; it collects no garbage meanwhile, which would take all of its time. */
  until(isSo: (measurement: HistoryMeasurement) => boolean): Promise<HistoryMeasurement> {
    return this.#until({ say: [] }, isSo);
  }

  /** Waits until all connections are gone and memory is as it was, but for `moreBytes`. */
  untilReturned({ memoryBytes }: HistoryMeasurement, moreBytes = 0): Promise<HistoryMeasurement> {
    const most = memoryBytes + 8 * mebibyte + moreBytes;
    return this.#until('measure', (now) => now.connections === 0 && now.memoryBytes < most);
  }

  async #until(word: object | string, isSo: (measurement: HistoryMeasurement) => boolean): Promise<HistoryMeasurement> {
    let last: HistoryMeasurement | undefined;
    await eventually(
      async () => isSo((last = await this.ask(word))),
      () => `${String(isSo)}: ${JSON.stringify(last)}`,
      timeoutMs,
    );
    return last as HistoryMeasurement;
  }
}

/** A socket that sends commands, and either reads nothing or notes the offsets of the messages that come. */
class RoomReader {
  readonly offsets: number[] = [];
  isClosed = false;
  readonly #socket: Socket;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => (this.isClosed = true));
  }

  /** Connects and waits for the upgrade; nothing is read after that. */
  static async open(port: number): Promise<RoomReader> {
    const socket = connect(port, '127.0.0.1');
    socket.write(upgradeRequestTo('/socket'));
    await once(socket, 'readable');
    const head = String(socket.read(1000) ?? socket.read());
    assert.match(head, /^HTTP\/1.1 101/);
    const reader = new RoomReader(socket);
    reader.#rest = Buffer.from(head.slice(head.indexOf('\r\n\r\n') + 4), 'latin1');
    return reader;
  }

  subscribe(rooms: readonly string[], after?: object): void {
    for (const [ref, room] of rooms.entries()) {
      this.#socket.write(clientFrame(opcodes.text, JSON.stringify({ type: 'subscribe', ref, room, after })));
    }
  }

  readOn(): void {
    this.#socket.on('data', (bytes: Buffer) => {
      this.#rest = Buffer.concat([this.#rest, bytes]);
      this.#readFrames();
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #readFrames(): void {
    for (;;) {
      const short = (this.#rest[1] ?? 0) & 127;
      const header = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (this.#rest.length < header) return;
      const payload =
        short === 127 ? Number(this.#rest.readBigUInt64BE(2)) : short === 126 ? this.#rest.readUInt16BE(2) : short;
      if (this.#rest.length < header + payload) return;
      const start = this.#rest.toString('latin1', header, header + Math.min(payload, 300));
      const offset = /^\{"type":"message".*?"offset":(\d+)/.exec(start)?.[1];
      if (offset !== undefined) this.offsets.push(Number(offset));
      this.#rest = this.#rest.subarray(header + payload);
    }
  }
}

async function openMany(t: TestContext, port: number, count: number): Promise<RoomReader[]> {
  const readers: RoomReader[] = [];
  t.after(() => readers.forEach((reader) => reader.close()));
  while (readers.length < count) {
    const group = Array.from({ length: Math.min(50, count - readers.length) }, () => RoomReader.open(port));
    readers.push(...(await Promise.all(group)));
  }
  return readers;
}

async function redisOf(t: TestContext): Promise<string> {
  const redis = await startRedis();
  t.after(() => redis.stop());
  return redis.url;
}

const allRooms = Array.from({ length: roomCount }, (_, index) => `room ${index + 1}`);
const folder = mkdtempSync(join(tmpdir(), 'gale-history-'));
test.after(() => rmSync(folder, { recursive: true }));

for (const kind of ['memory', 'sqlite', 'redis']) {
  const skip = kind === 'redis' ? redisMissing() : false;
  const start = async (t: TestContext): Promise<HistoryServer> => {
    const place = kind === 'redis' ? await redisOf(t) : join(folder, `${t.name.length}.sqlite`);
    return HistoryServer.start(t, kind, place);
  };

  test(
    `${kind}: 200 sockets that subscribe to 20 rooms of 4 MB and never read hold little, and nothing when they are gone`,
    { skip },
    async (t) => {
      const server = await start(t);
      const atStart = await server.ask('measure');
      const readers = await openMany(t, server.port, 200);
      for (const reader of readers) reader.subscribe(allRooms);
      await server.until(({ subscribed, running }) => subscribed === 200 * roomCount && running === 0);
      const full = await server.ask('measure');
      t.diagnostic(JSON.stringify({ atStart, full }));
      // It waits from 256 KiB on, in front of the next message of whatever room.
      assert.ok(full.maxBuffered <= 256 * 1024 + messageBytes + 16 * 1024, `${full.maxBuffered} bytes wait`);
      assert.ok(full.largestPage > 0 && full.largestPage <= mebibyte);
      assert.ok(full.maxRunning <= 8, `${full.maxRunning} reads at once`);
      assert.equal(full.connections, 200);

      for (const reader of readers) reader.close();
      const after = await server.untilReturned(atStart);
      t.diagnostic(JSON.stringify(after));
    },
  );

  test(
    `${kind}: of 400 who read one room of 4 MB at once, each gets all of it in order, by shared reads`,
    { skip },
    async (t) => {
      const server = await start(t);
      const atStart = await server.ask('measure');
      const readers = await openMany(t, server.port, 400);
      for (const reader of readers) {
        reader.subscribe(['room 1']);
        reader.readOn();
      }
      await eventually(
        () => readers.every(({ offsets }) => offsets.length >= messageCount),
        () => `${readers.filter(({ offsets }) => offsets.length >= messageCount).length} have all`,
        timeoutMs,
      );
      for (const { offsets } of readers) assert.deepEqual(offsets, offsetsFrom(1, messageCount));
      const done = await server.ask('measure');
      t.diagnostic(JSON.stringify({ atStart, done }));
      assert.ok(done.maxRunning <= 8, `${done.maxRunning} reads at once`);
      assert.ok(done.largestPage <= mebibyte);
      // Each for itself they would read 17 pages.
      assert.ok(done.reads < 400 * 4, `${done.reads} reads`);
      assert.deepEqual(done.closeCodes, {});

      for (const reader of readers) reader.close();
      await server.untilReturned(atStart);
    },
  );

  test(
    `${kind}: a socket that does not read what is published in its 20 rooms holds at most 1 MiB, then is closed`,
    { skip },
    async (t) => {
      const server = await start(t);
      const atStart = await server.ask('measure');
      const readers = await openMany(t, server.port, 100);
      for (const reader of readers) reader.subscribe(allRooms.map((name) => `${name}, empty`));
      await server.until(({ subscribed }) => subscribed === 100 * roomCount);
      let most = 0;
      let published = 0;
      for (let isDone = false; !isDone; published += roomCount) {
        const { maxBuffered, closeCodes } = await server.ask({ say: allRooms.map((name) => `${name}, empty`) });
        most = Math.max(most, maxBuffered);
        isDone = closeCodes['4008'] === 100;
        assert.ok(published < 2000, `not closed: ${JSON.stringify(closeCodes)}`);
      }
      t.diagnostic(`${published} published, ${most} bytes waited at most`);
      assert.ok(most <= mebibyte, `${most} bytes waited`);
      for (const reader of readers) reader.close();
      await server.untilReturned(atStart, published * messageBytes);
    },
  );
}
