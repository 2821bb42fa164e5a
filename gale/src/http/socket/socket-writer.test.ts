import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Socket, connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { GaleError } from '../../errors.ts';
import { SocketWriter } from './socket-writer.ts';
import { requestText, serve, untilStable } from '../../../test/support/http/http-server.ts';
import { TimerWheel } from '../timing/timer-wheel.ts';

const plain = [['Content-Type', 'text/plain']] as const;
const kilobyte = 1024;

/** Transfers the memory of `bytes` to the returned array; their length is 0 afterwards. */
function takeMemory(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  return structuredClone(bytes, { transfer: [bytes.buffer] });
}

/** A writer of `socket`, the calls it made to its owner, and its clock. */
function writerOf(socket: Socket, timeoutMs = 0): { writer: SocketWriter; events: string[]; pass(ms: number): void } {
  const events: string[] = [];
  let nowMs = 0;
  const wheel = new TimerWheel({ tickMs: 100, now: () => nowMs });
  const owner = {
    onFull: () => void events.push('full'),
    onDrain: () => writer.onDrain(),
    onWriteTimeout: () => void events.push('timeout'),
    onBroken: (error: GaleError) => void events.push(error.code),
    goneError: () => new GaleError('HTTP_CLIENT_GONE', 'gone'),
  };
  const writer: SocketWriter = new SocketWriter(socket, owner, wheel, timeoutMs);
  socket.on('drain', () => writer.onDrain());
  socket.on('close', () => writer.onClose());
  socket.on('close', () => wheel.stop());
  return {
    writer,
    events,
    pass(ms) {
      for (let left = ms; left > 0; left -= 100) {
        nowMs += 100;
        wheel.advance();
      }
    },
  };
}

/** A socket that takes of each write only as much as a test allows, like a system with little memory for a connection. */
class HesitantSocket extends Socket {
  /** Bytes that the system has taken, one entry per write. */
  taken = '';
  readonly #handle = {
    writeQueueSize: 0,
    shutdown: () => 0,
    close: (done: () => void) => done(),
  };
  #chunk: Buffer | undefined;
  #done: (() => void) | undefined;

  constructor() {
    super();
    Reflect.set(this, '_handle', this.#handle);
    // Each part separately.
    Reflect.set(this, '_writev', undefined);
  }

  override _write(chunk: Buffer | string, _encoding: string, done: () => void): void {
    this.#chunk = Buffer.from(chunk as string, 'latin1');
    this.#handle.writeQueueSize = chunk.length;
    this.#done = done;
  }

  /** Takes that many bytes of the current write. */
  systemTakes(bytes: number): void {
    const chunk = this.#chunk;
    assert.ok(chunk !== undefined, 'a write is going on');
    this.taken += chunk.toString('latin1', 0, bytes);
    this.#chunk = chunk.subarray(bytes);
    this.#handle.writeQueueSize -= Math.min(bytes, chunk.length);
    if (this.#chunk.length > 0) return;
    this.#chunk = undefined;
    this.#done?.();
  }
}

test('times out a client that reads nothing for the whole timeout, not one that reads a little', (t) => {
  const socket = new HesitantSocket();
  t.after(() => socket.destroy());
  const { writer, events, pass } = writerOf(socket, 6_000);
  writer.queueBytes(Buffer.alloc(200 * kilobyte));
  writer.flush();
  assert.deepEqual(events, ['full']);
  for (let round = 0; round < 10; round++) {
    pass(4_000);
    socket.systemTakes(kilobyte);
  }
  assert.deepEqual(events, ['full'], '40 seconds and 10 kilobytes');
  pass(5_900);
  assert.deepEqual(events, ['full'], 'the timeout starts at the last progress');
  pass(2_500);
  assert.deepEqual(events, ['full', 'timeout']);
});

test('does not time out a client that has read everything, however late', (t) => {
  const socket = new HesitantSocket();
  t.after(() => socket.destroy());
  const { writer, events, pass } = writerOf(socket, 6_000);
  writer.queueText('the last response');
  writer.end();
  pass(5_000);
  socket.systemTakes(kilobyte);
  pass(20_000);
  assert.equal(socket.taken, 'the last response');
  assert.deepEqual(events, []);
});

test('writes waiting bytes correctly even if their memory is transferred', async (t) => {
  const socket = new HesitantSocket();
  t.after(() => socket.destroy());
  const { writer, events } = writerOf(socket);
  writer.queueText('first ');
  writer.flush();
  const second = new Uint8Array(Buffer.from('second '));
  writer.queueBytes(second);
  writer.flush();
  takeMemory(second);
  writer.queueText('third');
  writer.flush();
  await eventually(() => {
    if (socket.writableLength > 0) socket.systemTakes(kilobyte);
    return socket.taken === 'first second third';
  });
  assert.deepEqual(events, []);
});

test('reports unsent bytes from queueing until the system has taken them', async (t) => {
  const server = createServer({ pauseOnConnect: true });
  t.after(() => server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.after(() => socket.destroy());
  const [peer] = await accepted;
  t.after(() => peer.destroy());
  const { writer } = writerOf(socket);
  assert.equal(writer.hasUnsent, false);
  writer.queueText('small');
  assert.equal(writer.hasUnsent, true);
  writer.flush();
  await eventually(() => !writer.hasUnsent);
  writer.queueBytes(Buffer.alloc(64 * kilobyte * kilobyte));
  writer.flush();
  assert.equal(writer.hasUnsent, true);
  peer.resume();
  await eventually(() => !writer.hasUnsent);
});

/** Ways in which a body of ten bytes changes its length after it was queued. */
const changes: readonly { readonly title: string; make(): Uint8Array; change(body: Uint8Array): void }[] = [
  {
    title: 'whose memory was transferred',
    make: () => new Uint8Array(10),
    change: (body) => takeMemory(body as Uint8Array<ArrayBuffer>),
  },
  {
    title: 'whose memory has shrunk',
    make: () => new Uint8Array(new ArrayBuffer(10, { maxByteLength: 40 })),
    change: (body) => (body.buffer as ArrayBuffer).resize(5),
  },
  {
    title: 'whose memory has grown',
    make: () => new Uint8Array(new ArrayBuffer(10, { maxByteLength: 40_000 })),
    change: (body) => (body.buffer as ArrayBuffer).resize(40_000),
  },
];

for (const { title, make, change } of changes) {
  test(`resets only the connection of a body ${title} before it was sent, and logs an error`, async (t) => {
    const { connect, complaints } = await serve(t, (request, response) => {
      if (request.path === '/good') return response.send(200, plain, 'good');
      const body = make();
      response.send(200, plain, body);
      return change(body);
    });
    const [good, client] = [await connect(), await connect()];
    await client.send(requestText('GET /bad') + requestText('GET /good'));
    await eventually(() => client.ended);
    assert.equal(client.received, '', 'nothing that looks like a response');
    await good.send(requestText('GET /good'));
    assert.equal((await good.readResponse()).body, 'good');
    const [complaint, ...others] = complaints.splice(0);
    assert.equal(complaint?.fields['code'], 'HTTP_RESPONSE_BODY');
    assert.deepEqual(others, []);
  });
}

test('never completes a body whose memory is transferred while the client reads it', async (t) => {
  const body = new Uint8Array(32 * kilobyte * kilobyte);
  let isSent = false;
  const { connect, complaints } = await serve(t, (_request, response) => {
    response.send(200, plain, body);
    isSent = true;
  });
  const client = await connect();
  client.socket.pause();
  await client.send(requestText('GET /'));
  await eventually(() => isSent);
  await untilStable(() => client.socket.bytesRead);
  // The memory still exists for the part that the system is taking.
  const memory = takeMemory(body);
  client.socket.resume();
  await eventually(() => client.ended);
  assert.ok(client.socket.bytesRead < memory.length);
  assert.deepEqual(
    complaints.splice(0).map(({ fields }) => fields['code']),
    ['HTTP_RESPONSE_BODY'],
  );
});
