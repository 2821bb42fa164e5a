/** Context takeover without sockets: the inflater of one end reads each message from the writer of the other. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { StreamDeflater, StreamInflater } from '../../../test/support/websocket/deflate-streams.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { seededRandom, seedOfRun } from '../../../test/support/seeded-random.ts';
import { bytes, wideLimits } from '../../../test/support/websocket/websocket-bytes.ts';
import { DeflatingWriter } from '../writing/deflating-writer.ts';
import { MessageInflater } from './message-inflater.ts';
import { prepareForOne, prepareMessage } from '../writing/prepared-message.ts';
import type { PreparedMessage } from '../writing/prepared-message.ts';
import { FrameParser } from '../protocol/frame-parser.ts';

const mebibyte = 2 ** 20;

/** A message as sent over the wire. */
interface Arrived {
  readonly isCompressed: boolean;
  readonly payload: Buffer;
}

/** A socket that takes everything, or nothing while `isStuck`, and collects the frames. */
class Wire extends Writable {
  readonly arrived: Arrived[] = [];
  readonly #protocol: FrameParser;
  #stuck: (() => void) | undefined;
  isStuck = false;

  constructor(masks = false) {
    super({ highWaterMark: 1 });
    this.#protocol = new FrameParser(wideLimits, masks ? 'server' : 'client', true);
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // A copy: the parser unmasks in place.
    this.#protocol.push(Buffer.from(chunk));
    for (let event = this.#protocol.next(); event !== undefined; event = this.#protocol.next()) {
      if (event.kind === 'compressed') this.arrived.push({ isCompressed: true, payload: event.data });
      if (event.kind === 'text') this.arrived.push({ isCompressed: false, payload: Buffer.from(event.message) });
      if (event.kind === 'binary') this.arrived.push({ isCompressed: false, payload: event.message });
    }
    if (this.isStuck) this.#stuck = done;
    else done();
  }

  /** Takes everything again. */
  free(): void {
    this.isStuck = false;
    this.#stuck?.();
  }
}

interface Pair {
  readonly wire: Wire;
  readonly writer: DeflatingWriter;
  readonly inflater: MessageInflater;
}

function pair({
  windowBits = 15,
  contextTakeover = true,
  fromBytes = 0,
  maxBufferedBytes = 64 * mebibyte,
  masks = false,
} = {}): Pair {
  const wire = new Wire(masks);
  return {
    wire,
    writer: new DeflatingWriter(wire, maxBufferedBytes, masks, { windowBits, contextTakeover, fromBytes }),
    inflater: new MessageInflater({ peerContextTakeover: contextTakeover, peerWindowBits: windowBits }, 2 * mebibyte),
  };
}

/** All received messages, inflated by the other end. */
async function read({ wire, inflater }: Pair): Promise<string[]> {
  const messages: string[] = [];
  for (const { isCompressed, payload } of wire.arrived) {
    messages.push((isCompressed ? await inflater.inflate(payload) : payload).toString());
  }
  return messages;
}

/** Bytes of each message on the wire, after `count` messages have arrived. */
async function sizesOf({ wire }: Pair, count: number): Promise<number[]> {
  await eventually(() => wire.arrived.length >= count);
  return wire.arrived.map(({ payload }) => payload.length);
}

/** Text that barely compresses alone. */
function noise(random: () => number, length: number): string {
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(random() * 94))).join('');
}

const seed = seedOfRun();
const random = seededRandom(seed);
const once = noise(random, 900);

test('the second of two equal messages is tiny, synchronously and in the thread pool', async (t) => {
  t.diagnostic(`seed ${seed}`);
  for (const length of [900, 20_000]) {
    const text = noise(random, length);
    const both = pair();
    for (let i = 0; i < 2; i++) both.writer.queue(prepareForOne(text));
    const [first, second] = await sizesOf(both, 2);
    assert.ok(first! > length / 2, `${first}`);
    assert.ok(second! < first! / 10, `${second} after ${first}`);
    assert.ok((await read(both)).every((message) => message === text));
  }
});

test('a short message may refer to the far end of the window', async () => {
  const far = noise(random, 30_000);
  const both = pair();
  for (const text of [far.slice(0, 15_000), far.slice(15_000), far.slice(100, 400)]) {
    both.writer.queue(prepareForOne(text));
  }
  const sizes = await sizesOf(both, 3);
  assert.ok(sizes[2]! < 30, String(sizes));
  assert.equal((await read(both))[2], far.slice(100, 400));
});

test('a message for many refers to nothing, but later messages for one connection refer to it', async () => {
  const both = pair();
  const shared = prepareMessage(once);
  both.writer.queue(prepareForOne(once));
  both.writer.queue(shared);
  both.writer.queue(prepareForOne(`${once}!`));
  const sizes = await sizesOf(both, 3);
  const form = await shared.deflated(15);
  assert.deepEqual(both.wire.arrived[1]!.payload, form.payload);
  assert.ok(sizes[2]! < sizes[1]! / 10, String(sizes));
  assert.deepEqual(await read(both), [once, once, `${once}!`]);

  const later = pair();
  later.writer.queue(shared);
  later.writer.queue(prepareForOne(once));
  const [first, second] = await sizesOf(later, 2);
  assert.ok(second! < first! / 10, `${second} after ${first}`);
  assert.deepEqual(await read(later), [once, once]);
});

test('no message refers to one sent uncompressed', async () => {
  const short = 'brown foxes '.repeat(3);
  const both = pair({ fromBytes: 100 });
  const unshrinkable = crypto.getRandomValues(Buffer.alloc(300));
  const expected = [short, short + once, unshrinkable, Buffer.concat([unshrinkable, Buffer.from(once)])];
  for (const message of expected) both.writer.queue(prepareForOne(message));
  await sizesOf(both, 4);
  assert.deepEqual(
    both.wire.arrived.map(({ isCompressed }) => isCompressed),
    [false, true, false, true],
  );
  assert.deepEqual(
    await read(both),
    expected.map((message) => message.toString()),
  );
});

test('no message refers to one rejected because the buffer is full', async () => {
  const both = pair({ maxBufferedBytes: 3000 });
  const texts = [once, noise(random, 2500), noise(random, 30_000), noise(random, 2500)];
  both.wire.isStuck = true;
  both.writer.queue(prepareForOne(once));
  await turn();
  const queued = texts.map((text) => both.writer.queue(prepareForOne(text)));
  assert.deepEqual(queued, [true, true, false, false]);
  both.wire.free();
  await both.writer.drained(0);
  for (const text of texts) {
    assert.ok(both.writer.queue(prepareForOne(text)));
    await both.writer.drained(0);
  }
  assert.deepEqual(await read(both), [once, ...texts.slice(0, 2), ...texts]);
});

test('no message refers to a dropped one', async () => {
  for (const length of [900, 30_000]) {
    const both = pair();
    const lost = noise(random, length);
    both.writer.queue(prepareForOne(once));
    await both.writer.drained(0);
    both.writer.queue(prepareForOne(lost));
    both.writer.drop();
    both.writer.queue(prepareForOne(lost + once));
    await sizesOf(both, 2);
    assert.deepEqual(await read(both), [once, lost + once]);
  }
});

/** A message of repeated parts or of noise. */
function someMessage(pieces: readonly string[]): string {
  const kind = random();
  if (kind < 0.1) return '';
  if (kind < 0.2) return noise(random, Math.floor(2 ** (random() * 12)));
  // Sometimes one for the thread pool.
  const length = Math.floor(2 ** (random() * (kind < 0.3 ? 17 : 10)));
  let message = '';
  while (message.length < length) message += pieces[Math.floor(random() * pieces.length)]! + Math.floor(random() * 10);
  return message;
}

const agreements = [true, false].flatMap((contextTakeover) =>
  [9, 10, 11, 12, 13, 14, 15].map((windowBits) => ({ contextTakeover, windowBits })),
);

test('delivers messages and broadcasts equal for every agreement, both ways', async (t) => {
  t.diagnostic(`seed ${seed}`);
  const pieces = Array.from({ length: 40 }, () => noise(random, 3 + Math.floor(random() * 300)));
  for (const agreement of agreements) {
    const ends = [
      pair({ ...agreement, fromBytes: 30 }),
      pair({ ...agreement, fromBytes: 0 }),
      pair({ ...agreement, masks: true }),
    ];
    const sent: string[][] = ends.map(() => []);
    for (let i = 0; i < 60; i++) {
      const text = someMessage(pieces);
      const shared = random() < 0.3 ? prepareMessage(text) : undefined;
      for (const [index, { writer }] of ends.entries()) {
        if (shared === undefined && random() < 0.4) continue;
        const message: PreparedMessage = shared ?? prepareForOne(text);
        assert.ok(writer.queue(message));
        sent[index]!.push(text);
      }
      if (random() < 0.3) await turn();
    }
    for (const [index, end] of ends.entries()) {
      assert.equal(await end.writer.sent(), true);
      const messages = await read(end);
      assert.equal(messages.length, sent[index]!.length);
      for (const [at, message] of messages.entries()) {
        assert.ok(message === sent[index]![at], `message ${at} of ${index} with ${JSON.stringify(agreement)}`);
      }
      // A peer with one zlib stream and the agreed window reads them too.
      const stream = new StreamInflater(agreement.windowBits);
      for (const [at, { isCompressed, payload }] of end.wire.arrived.entries()) {
        if (!isCompressed) continue;
        const message = (await stream.inflate(payload)).toString();
        assert.ok(
          message === sent[index]![at],
          `message ${at} of ${index} in a stream of ${agreement.windowBits} bits`,
        );
      }
    }
  }
});

test('reads messages of a peer with one zlib stream, for any window', async (t) => {
  t.diagnostic(`seed ${seed}`);
  const pieces = Array.from({ length: 40 }, () => noise(random, 3 + Math.floor(random() * 300)));
  for (let windowBits = 9; windowBits <= 15; windowBits++) {
    const stream = new StreamDeflater(windowBits);
    const inflater = new MessageInflater({ peerContextTakeover: true, peerWindowBits: windowBits }, mebibyte);
    for (let i = 0; i < 80; i++) {
      const text = someMessage(pieces);
      const message = await inflater.inflate(await stream.deflate(Buffer.from(text)));
      assert.ok(message.toString() === text, `message ${i} with ${windowBits} bits`);
    }
  }
});

test('reads the second "Hello" of RFC 7692 §7.2.3.2 with context takeover and rejects it without', async () => {
  const keeping = new MessageInflater({ peerContextTakeover: true, peerWindowBits: 15 }, 100);
  for (const hex of ['f248cdc9c90700', 'f200110000', 'f200110000']) {
    assert.equal((await keeping.inflate(bytes(hex))).toString(), 'Hello');
  }
  const forgetting = new MessageInflater({ peerContextTakeover: false, peerWindowBits: 15 }, 100);
  assert.equal((await forgetting.inflate(bytes('f248cdc9c90700'))).toString(), 'Hello');
  assert.throws(() => forgetting.inflate(bytes('f200110000')), { code: 'WS_DEFLATE', closeCode: 1007 });
});

test('a message of several deflate streams refers to the previous message, and the next message refers to it', async () => {
  const inflater = new MessageInflater({ peerContextTakeover: true, peerWindowBits: 9 }, 10_000);
  const before = Buffer.from(once.slice(0, 200));
  const first = Buffer.from(noise(random, 100));
  const dictionary = Buffer.concat([before, first]);
  const all = Buffer.concat([before, first, dictionary]);
  await inflater.inflate(deflateRawSync(before));
  const streams = [deflateRawSync(first), deflateRawSync(dictionary, { dictionary }), bytes('00')];
  assert.ok(streams[1]!.length < 20, 'the second does refer to both');
  assert.deepEqual(await inflater.inflate(Buffer.concat(streams)), Buffer.concat([first, dictionary]));
  const last = all.subarray(-512);
  assert.deepEqual(await inflater.inflate(deflateRawSync(last, { dictionary: last })), last);
});

test('stops a zip bomb of references before it is inflated and accepts a message of the full size', async () => {
  const zeros = Buffer.alloc(32_768);
  const bombFuse = deflateRawSync(Buffer.alloc(2 * mebibyte), {
    dictionary: zeros,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  // No deflate data can begin with these bytes: reading them would fail differently.
  const bomb = Buffer.concat([bombFuse, bytes('ffffffff')]);
  for (const maxBytes of [40_000, 65_536, mebibyte]) {
    const inflater = new MessageInflater({ peerContextTakeover: true, peerWindowBits: 15 }, maxBytes);
    assert.equal((await inflater.inflate(deflateRawSync(zeros))).length, zeros.length);
    const most = deflateRawSync(Buffer.alloc(maxBytes), { dictionary: zeros });
    assert.equal((await inflater.inflate(most)).length, maxBytes);
    await assert.rejects(async () => inflater.inflate(bomb), { code: 'WS_MESSAGE_TOO_BIG', closeCode: 1009 });
  }
});
