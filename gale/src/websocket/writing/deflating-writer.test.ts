import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { inflateRawSync } from 'node:zlib';
import { eventually } from '../../../test/support/eventually.ts';
import { bytes } from '../../../test/support/websocket/websocket-bytes.ts';
import { DeflatingWriter } from './deflating-writer.ts';
import { encodeFrame, opcodes, readFrameHeader } from '../protocol/frame.ts';
import { applyMask } from '../protocol/mask.ts';
import { prepareForOne, prepareMessage, PreparedMessage } from './prepared-message.ts';

const mebibyte = 2 ** 20;

/** A socket that takes and records everything at once. */
class Taking extends Writable {
  readonly writes: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (chunk.length > 0) this.writes.push(chunk);
    done();
  }

  /** Each written frame as `size`, `size compressed` or the opcode of a control frame; sizes are inflated. */
  get frames(): string[] {
    const input = Buffer.concat(this.writes);
    const lines: string[] = [];
    for (let at = 0; at < input.length;) {
      const header = readFrameHeader(input, at, 4)!;
      const start = at + header.headerBytes;
      at = start + header.payloadBytes;
      if (header.opcode >= opcodes.close) {
        lines.push(`opcode ${header.opcode}`);
      } else if (header.reserved === 0) {
        lines.push(`${header.payloadBytes}`);
      } else {
        const payload = Buffer.from(input.subarray(start, at));
        if (header.mask !== undefined) applyMask(payload, header.mask);
        const message = Buffer.concat([payload, bytes('0000ffff010000ffff')]);
        lines.push(`${inflateRawSync(message).length} compressed`);
      }
    }
    return lines;
  }
}

function writerOn(
  socket: Writable,
  { fromBytes = 1024, maxBufferedBytes = 16 * mebibyte, windowBits = 15, contextTakeover = false, masks = false } = {},
): DeflatingWriter {
  return new DeflatingWriter(socket, maxBufferedBytes, masks, { windowBits, contextTakeover, fromBytes });
}

const messageOf = (length: number): PreparedMessage => prepareMessage('x'.repeat(length));
const ping = new PreparedMessage(encodeFrame(opcodes.ping, ''));
const close = new PreparedMessage(encodeFrame(opcodes.close, bytes('03e8')));

test('compresses messages from fromBytes on and writes them at once with the others', async () => {
  const socket = new Taking();
  const writer = writerOn(socket, { fromBytes: 100 });
  for (const length of [99, 100, 0, 5000]) assert.ok(writer.queue(messageOf(length)));
  await turn();
  assert.deepEqual(socket.frames, ['99', '100 compressed', '0', '5000 compressed']);
  assert.equal(socket.writes.length, 1);
});

test('applies fromBytes to the payload only; 0 compresses all messages but no control frame', async () => {
  const socket = new Taking();
  const writer = writerOn(socket, { fromBytes: 0 });
  const control = new PreparedMessage(encodeFrame(opcodes.close, Buffer.alloc(125, 'a')));
  for (const length of [0, 1, 20]) writer.queue(messageOf(length));
  writer.queue(messageOf(mebibyte));
  writer.queueLast(control);
  await eventually(() => socket.frames.length === 5);
  assert.deepEqual(socket.frames, ['0', '1', '20 compressed', `${mebibyte} compressed`, 'opcode 8']);
});

test('sends data that does not compress unchanged', async () => {
  const socket = new Taking();
  const random = crypto.getRandomValues(Buffer.alloc(60_000));
  const writer = writerOn(socket);
  writer.queue(prepareMessage(random.subarray(0, 2000)));
  writer.queue(prepareMessage(random));
  await eventually(() => socket.frames.length === 2);
  assert.deepEqual(socket.frames, ['2000', '60000']);
});

test('writes messages of all sizes in order, including those queued during compression', async () => {
  const socket = new Taking();
  const writer = writerOn(socket);
  const lengths = [10, 500_000, 20, 3000, 100_000, 30, 200_000, 40];
  for (const length of lengths) writer.queue(messageOf(length));
  await turn();
  for (const length of lengths) writer.queue(messageOf(length));
  const expected = [...lengths, ...lengths].map((length) => (length < 1024 ? `${length}` : `${length} compressed`));
  await eventually(() => socket.frames.length === expected.length);
  assert.deepEqual(socket.frames, expected);
  assert.equal(writer.bufferedBytes, 0);
});

test('a close frame and the end wait for compression, pings and pongs do not', async () => {
  const socket = new Taking();
  const writer = writerOn(socket);
  writer.queue(messageOf(mebibyte));
  writer.queue(messageOf(10));
  writer.queuePing(ping);
  writer.queueLast(close);
  writer.end();
  await turn();
  assert.deepEqual(socket.frames, ['opcode 9']);
  assert.equal(socket.writableEnded, false);
  await eventually(() => socket.writableFinished);
  assert.deepEqual(socket.frames, ['opcode 9', `${mebibyte} compressed`, '10', 'opcode 8']);
});

test('compresses a message once for all receivers with the same window and writes them the same bytes', async () => {
  const sockets = Array.from({ length: 4 }, () => new Taking());
  const writers = sockets.map((socket, index) => writerOn(socket, { windowBits: index === 3 ? 9 : 15 }));
  for (const length of [5000, 100_000]) {
    const message = messageOf(length);
    for (const writer of writers) writer.queue(message);
    await eventually(() => sockets.every(({ frames }) => frames.at(-1) === `${length} compressed`));
    const [first, second, third, narrow] = sockets.map(({ writes }) => writes.at(-1)!);
    assert.equal(first, second);
    assert.equal(second, third);
    assert.notEqual(third, narrow);
    assert.equal(await message.deflated(15), await message.deflated(15));
  }
});

test('sends a message plain and compressed to different receivers in one turn', async () => {
  const [plain, compressed] = [new Taking(), new Taking()];
  const message = messageOf(2000);
  const form = message.deflated(15);
  assert.ok(form instanceof PreparedMessage && form !== message);
  const writer = writerOn(compressed);
  writer.queue(message);
  writerOn(plain, { fromBytes: 2001 }).queue(message);
  await turn();
  assert.deepEqual([plain.frames, compressed.frames], [['2000'], ['2000 compressed']]);
  assert.equal(compressed.writes[0], form.frame);
});

test('counts held messages as buffered and rejects more than maxBufferedBytes, but always accepts one message', async () => {
  const socket = new Taking();
  const writer = writerOn(socket, { maxBufferedBytes: 100_000 });
  assert.ok(writer.queue(messageOf(200_000)));
  assert.equal(writer.bufferedBytes, 200_010);
  assert.equal(writer.queue(messageOf(1)), false);
  await writer.drained(0);
  assert.deepEqual(socket.frames, ['200000 compressed']);
  assert.equal(writer.bufferedBytes, 0);
  assert.ok(writer.queue(messageOf(50_000)));
  assert.ok(writer.queue(messageOf(40_000)));
  assert.equal(writer.queue(messageOf(20_000)), false);
  await writer.drained(0);
  assert.deepEqual(socket.frames, ['200000 compressed', '50000 compressed', '40000 compressed']);
});

test('accepts held messages of exactly maxBufferedBytes', async () => {
  const socket = new Taking();
  const [first, second] = [messageOf(50_000), messageOf(40_000)];
  const writer = writerOn(socket, { maxBufferedBytes: first.frame.length + second.frame.length });
  assert.ok(writer.queue(first));
  assert.ok(writer.queue(second));
  assert.equal(writer.queue(messageOf(1)), false);
  await writer.drained(0);
  assert.deepEqual(socket.frames, ['50000 compressed', '40000 compressed']);
});

test('frames of this turn do not reduce the room for a message to compress', async () => {
  const socket = new Taking();
  const writer = writerOn(socket, { maxBufferedBytes: 100_000 });
  assert.ok(writer.queue(messageOf(10)));
  assert.ok(writer.queue(messageOf(200_000)));
  await writer.drained(0);
  assert.deepEqual(socket.frames, ['10', '200000 compressed']);
});

test('drop() and stop() discard held messages and settle their waiters', async () => {
  for (const step of ['drop', 'stop'] as const) {
    const socket = new Taking();
    const writer = writerOn(socket);
    const message = messageOf(500_000);
    writer.queue(message);
    writer.queue(messageOf(10));
    const drained = writer.drained(0);
    writer[step]();
    assert.equal(writer.bufferedBytes, 0);
    writer.queueLast(close);
    await drained;
    await message.deflated(15);
    await turn();
    assert.deepEqual(socket.frames, step === 'drop' ? ['opcode 8'] : []);
  }
});

test('sent() includes held messages: true when taken, false if dropped', async () => {
  const socket = new Taking();
  const writer = writerOn(socket);
  writer.queue(messageOf(mebibyte));
  writer.queue(messageOf(10));
  const [one, both] = [writer.sent(), writer.sent()];
  assert.deepEqual(socket.frames, []);
  assert.equal(await both, true);
  assert.deepEqual(socket.frames, [`${mebibyte} compressed`, '10']);
  assert.equal(await one, true);
  assert.equal(await writer.sent(), true);

  for (const step of ['drop', 'stop'] as const) {
    const dropping = writerOn(new Taking());
    dropping.queue(messageOf(mebibyte));
    const lost = dropping.sent();
    dropping[step]();
    assert.equal(await lost, false);
  }
});

test('sent() is about its own message, not later ones', async () => {
  const socket = new Taking();
  const writer = writerOn(socket);
  const left: string[] = [];
  const note = (name: string) => (hasLeft: boolean) => left.push(`${name} ${hasLeft} ${socket.frames.length}`);
  writer.queue(messageOf(mebibyte));
  const first = writer.sent().then(note('first'));
  writer.queue(messageOf(mebibyte));
  const second = writer.sent().then(note('second'));
  await Promise.all([first, second]);
  assert.deepEqual(left, ['first true 1', 'second true 2']);
});

test('sends everything uncompressed to a peer with a window of 8 bits', async () => {
  const socket = new Taking();
  const writer = writerOn(socket, { windowBits: 8, fromBytes: 0, contextTakeover: true });
  for (const length of [0, 20, 5000, 100_000]) writer.queue(messageOf(length));
  await turn();
  assert.deepEqual(socket.frames, ['0', '20', '5000', '100000']);
});

test('a client masks compressed messages, with a new mask each time', async () => {
  const socket = new Taking();
  const writer = writerOn(socket, { masks: true });
  const message = messageOf(5000);
  for (let i = 0; i < 2; i++) {
    writer.queue(message);
    await turn();
  }
  writer.queue(messageOf(100_000));
  await eventually(() => socket.frames.length === 3);
  assert.deepEqual(socket.frames, ['5000 compressed', '5000 compressed', '100000 compressed']);
  assert.ok(socket.writes.every((write) => (write[1]! & 0x80) !== 0));
  assert.notDeepEqual(socket.writes[0], socket.writes[1]);
});

test('without context takeover, compresses a message for one receiver alone each time', async () => {
  const socket = new Taking();
  const writer = writerOn(socket);
  for (let i = 0; i < 2; i++) {
    writer.queue(prepareForOne('x'.repeat(2000)));
    await turn();
  }
  assert.deepEqual(socket.writes[0], socket.writes[1]);
});
