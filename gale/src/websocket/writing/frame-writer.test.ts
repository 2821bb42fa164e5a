import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { wideLimits } from '../../../test/support/websocket/websocket-bytes.ts';
import { encodeFrame, opcodes, readFrameHeader } from '../protocol/frame.ts';
import { FrameWriter } from './frame-writer.ts';
import { prepareMessage, PreparedMessage } from './prepared-message.ts';
import { FrameParser } from '../protocol/frame-parser.ts';

const mebibyte = 2 ** 20;

/** A socket whose peer reads only when a test calls it. */
class SlowSocket extends Writable {
  /** Each write of at least one byte; several writes at once are joined. */
  readonly writes: Buffer[] = [];
  reading = true;
  #taken: (() => void) | undefined;

  /** The peer continues to read and takes everything. */
  read(): void {
    this.reading = true;
    this.readOne();
  }

  /** The peer takes one held write and stops again. */
  readOne(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#take(chunk, done);
  }

  override _writev(chunks: readonly { chunk: Buffer }[], done: () => void): void {
    this.#take(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  #take(bytes: Buffer, done: () => void): void {
    if (bytes.length > 0) this.writes.push(bytes);
    if (this.reading || bytes.length === 0) done();
    else this.#taken = done;
  }
}

function raw(text: string): PreparedMessage {
  return new PreparedMessage(Buffer.from(text));
}

function textOf(writes: readonly Buffer[]): string[] {
  return writes.map((write) => write.toString('latin1').replaceAll(/[\x80-\xff]./g, '|'));
}

test('writes all frames of a turn at once', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  for (const text of ['a', 'b', 'c']) assert.ok(writer.queue(prepareMessage(text)));
  assert.equal(writer.bufferedBytes, 9);
  assert.deepEqual(socket.writes, []);
  await turn();
  assert.deepEqual(textOf(socket.writes), ['|a|b|c']);
  assert.equal(writer.bufferedBytes, 0);
  writer.queue(prepareMessage('d'));
  await turn();
  assert.deepEqual(textOf(socket.writes), ['|a|b|c', '|d']);
});

test('writers with the same queue write the very same buffer', async () => {
  const sockets = Array.from({ length: 5 }, () => new SlowSocket());
  const writers = sockets.map((socket) => new FrameWriter(socket, mebibyte));
  for (const message of [prepareMessage('one'), prepareMessage('two')]) {
    for (const writer of writers) writer.queue(message);
  }
  writers[4]!.queue(prepareMessage('more'));
  await turn();
  const [first] = sockets[0]!.writes;
  for (const socket of sockets.slice(0, 4)) assert.equal(socket.writes[0], first);
  assert.deepEqual(textOf(sockets[4]!.writes), ['|one|two|more']);
});

test('writes the rest in order when a slow peer reads', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  socket.reading = false;
  for (const text of ['a', 'b', 'c']) {
    writer.queue(prepareMessage(text));
    await turn();
  }
  assert.deepEqual(textOf(socket.writes), ['|a']);
  assert.equal(writer.bufferedBytes, 9);
  socket.read();
  await writer.drained(0);
  assert.equal(textOf(socket.writes).join(''), '|a|b|c');
  assert.equal(writer.bufferedBytes, 0);
});

test('writes the latest ping and pong ahead of the data of a slow peer', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  socket.reading = false;
  writer.queue(prepareMessage('first'));
  await turn();
  writer.queue(prepareMessage('data'));
  await turn();
  writer.queuePong(raw('<old pong>'));
  writer.queuePong(raw('<pong>'));
  writer.queuePing(raw('<ping>'));
  socket.read();
  await writer.drained(0);
  assert.equal(textOf(socket.writes).join(''), '|first<pong><ping>|data');
});

test('a peer stays slow until it has taken everything', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  socket.reading = false;
  for (const text of ['first', 'second']) {
    writer.queue(prepareMessage(text));
    await turn();
  }
  socket.readOne();
  await turn();
  assert.deepEqual(textOf(socket.writes), ['|first', '|second']);
  writer.queue(prepareMessage('third'));
  await turn();
  writer.queuePong(raw('<pong>'));
  socket.read();
  await writer.drained(0);
  assert.equal(textOf(socket.writes).join(''), '|first|second<pong>|third');
});

test('writes every pong in order for a fast peer', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  writer.queue(prepareMessage('a'));
  writer.queuePong(raw('<1>'));
  writer.queuePong(raw('<2>'));
  writer.queue(prepareMessage('b'));
  await turn();
  assert.deepEqual(textOf(socket.writes), ['|a<1><2>|b']);
});

test('limits the pongs of one turn for a peer that reads nothing and writes all to one that reads', async () => {
  for (const reading of [false, true]) {
    const socket = new SlowSocket();
    socket.reading = reading;
    const writer = new FrameWriter(socket, 1000);
    for (let index = 0; index < 1000; index++) writer.queuePong(new PreparedMessage(encodeFrame(opcodes.pong, 'pong')));
    assert.ok(writer.bufferedBytes <= 1000 + 6, `${writer.bufferedBytes}`);
    socket.read();
    await turn();
    const bytes = socket.writes.reduce((sum, write) => sum + write.length, 0);
    if (reading) assert.equal(bytes, 6000);
    // The pongs written before the peer was slow, and the latest.
    else assert.ok(bytes <= 1000 + 2 * 6, `${bytes}`);
  }
});

test('queues only control frames over the limit', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, 1000);
  socket.reading = false;
  const message = prepareMessage('x'.repeat(98));
  let queued = 0;
  while (writer.queue(message)) {
    queued++;
    await turn();
    assert.ok(queued <= 10);
  }
  assert.equal(queued, 10);
  assert.equal(writer.bufferedBytes, 1000);
  writer.queuePing(raw('<ping>'));
  writer.drop();
  writer.queueLast(raw('<close>'));
  writer.end();
  await turn();
  socket.read();
  await new Promise((resolve) => socket.once('finish', resolve));
  assert.deepEqual(
    textOf(socket.writes).map((write) => write.replaceAll('x', '')),
    ['|', '<close>'],
  );
});

test('queues a message larger than the limit only while nothing else is pending', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, 1000);
  const large = prepareMessage('x'.repeat(5000));
  assert.ok(writer.queue(large));
  await turn();
  assert.equal(writer.bufferedBytes, 0);
  socket.reading = false;
  assert.ok(writer.queue(prepareMessage('small')));
  await turn();
  assert.equal(writer.queue(large), false);
});

test('accepts messages again after the peer has read', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, 1000);
  socket.reading = false;
  writer.queue(prepareMessage('x'.repeat(900)));
  await turn();
  socket.read();
  assert.ok(writer.queue(prepareMessage('x'.repeat(900))));
  await turn();
  assert.equal(Buffer.concat(socket.writes).length, 2 * 904);
});

test('writes a turn over the limit in parts to a peer that reads', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, 1000);
  const message = prepareMessage('x'.repeat(98));
  for (let i = 0; i < 100; i++) assert.ok(writer.queue(message));
  await turn();
  assert.equal(Buffer.concat(socket.writes).length, 10_000);
});

test('rejects messages over the limit within the turn for a peer that does not read', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, 1000);
  socket.reading = false;
  const message = prepareMessage('x'.repeat(98));
  let queued = 0;
  while (queued < 100 && writer.queue(message)) queued++;
  assert.ok(queued >= 10 && queued <= 20, String(queued));
});

test('drained() settles at its level, and always when the writer stops', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  socket.reading = false;
  const settled: string[] = [];
  for (const text of ['x'.repeat(98), 'y'.repeat(98)]) {
    writer.queue(prepareMessage(text));
    await turn();
  }
  void writer.drained(100).then(() => settled.push('100'));
  void writer.drained(0).then(() => settled.push('0'));
  void writer.drained(500).then(() => settled.push('500'));
  await turn();
  assert.deepEqual(settled, ['500']);
  writer.stop();
  await turn();
  assert.deepEqual(settled, ['500', '100', '0']);
  assert.equal(writer.bufferedBytes, 0);
});

test('writes the queue before it ends the socket', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  writer.queue(prepareMessage('last'));
  writer.end();
  await new Promise((resolve) => socket.once('finish', resolve));
  assert.deepEqual(textOf(socket.writes), ['|last']);
});

test('writes the queue before it ends the socket of a slow peer that reads in the same turn', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  socket.reading = false;
  writer.queue(prepareMessage('a'));
  await turn();
  writer.queue(prepareMessage('b'));
  writer.end();
  socket.read();
  await new Promise((resolve) => socket.once('finish', resolve));
  assert.deepEqual(textOf(socket.writes), ['|a', '|b']);
});

test('writes nothing after stop()', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  writer.queue(prepareMessage('a'));
  writer.stop();
  writer.queue(prepareMessage('b'));
  await turn();
  assert.deepEqual(socket.writes, []);
});

/** Records the result of a send. */
function watch(sent: PromiseLike<boolean>): { hasLeft: boolean | undefined } {
  const watched: { hasLeft: boolean | undefined } = { hasLeft: undefined };
  void sent.then((hasLeft) => (watched.hasLeft = hasLeft));
  return watched;
}

test('sent() settles when the peer has taken everything queued before', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  assert.equal(await writer.sent(), true, 'of nothing');
  writer.queue(prepareMessage('a'));
  const early = watch(writer.sent());
  assert.equal(early.hasLeft, undefined);
  await turn();
  assert.equal(early.hasLeft, true);
  socket.reading = false;
  const watched: ReturnType<typeof watch>[] = [];
  for (const text of ['b', 'c', 'd']) {
    writer.queue(prepareMessage(text));
    watched.push(watch(writer.sent()));
    await turn();
  }
  const all = watch(writer.sent());
  const results = (): (boolean | undefined)[] => [...watched, all].map(({ hasLeft }) => hasLeft);
  assert.deepEqual(results(), [undefined, undefined, undefined, undefined]);
  socket.readOne();
  await turn();
  assert.deepEqual(results(), [true, undefined, undefined, undefined]);
  socket.read();
  await turn();
  await turn();
  assert.deepEqual(results(), [true, true, true, true]);
});

test('a result awaited late is about its own message', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte);
  writer.queue(prepareMessage('a'));
  const sent = writer.sent();
  await turn();
  socket.reading = false;
  writer.queue(prepareMessage('b'));
  await turn();
  assert.equal(await sent, true);
});

test('sent() is false for dropped frames and after stop()', async () => {
  for (const lose of ['drop', 'stop'] as const) {
    const socket = new SlowSocket();
    const writer = new FrameWriter(socket, mebibyte);
    socket.reading = false;
    writer.queue(prepareMessage('a'));
    await turn();
    writer.queue(prepareMessage('b'));
    const [asked, askedLater] = [watch(writer.sent()), writer.sent()];
    writer[lose]();
    writer.end();
    await turn();
    const late = watch(askedLater);
    await turn();
    assert.deepEqual([asked.hasLeft, late.hasLeft], [false, false], lose);
  }
});

test('a client masks every frame with its own mask', async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, mebibyte, true);
  const message = prepareMessage('the same words');
  writer.queue(message);
  writer.queue(message);
  writer.queuePing(new PreparedMessage(encodeFrame(opcodes.ping, 'p')));
  await turn();
  socket.reading = false;
  writer.queue(prepareMessage(Buffer.alloc(70_000, 7)));
  await turn();
  writer.queuePong(new PreparedMessage(encodeFrame(opcodes.pong, 'q')));
  writer.queueLast(new PreparedMessage(encodeFrame(opcodes.close, '')));
  socket.read();
  await turn();
  await turn();
  const events: string[] = [];
  const masks = new Set<number>();
  const protocol = new FrameParser(wideLimits, 'server');
  for (const bytes of socket.writes) {
    for (let at = 0; at < bytes.length;) {
      const header = readFrameHeader(bytes, at)!;
      masks.add(header.mask!);
      at += header.headerBytes + header.payloadBytes;
    }
    protocol.push(bytes);
    for (let event = protocol.next(); event !== undefined; event = protocol.next()) events.push(event.kind);
  }
  assert.deepEqual(events, ['text', 'text', 'ping', 'binary', 'pong', 'close']);
  assert.equal(masks.size, 6);
});
