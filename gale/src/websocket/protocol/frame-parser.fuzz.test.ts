/** Parses a million frames, valid and with one mutation: only named errors, and no growth of memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { memoryInUse } from '../../../test/support/processes/memory-in-use.ts';
import { seededRandom, seedOfRun } from '../../../test/support/seeded-random.ts';
import { mutated, RandomFrames } from '../../../test/support/websocket/random-frames.ts';
import { wideLimits } from '../../../test/support/websocket/websocket-bytes.ts';
import { ProtocolError } from '../../errors.ts';
import { FrameParser } from './frame-parser.ts';
import type { ParsedEvent, EndpointRole } from './frame-parser.ts';

const frameCount = 1_000_000;
/** One byte for each frame of the second half. */
const maxGrownBytes = frameCount / 2;

/** Memory in use after garbage collection; buffers are released over a few turns. */
async function settledMemory(): Promise<number> {
  for (let round = 0; round < 5; round++) {
    await turn();
    memoryInUse();
  }
  return memoryInUse();
}

/** Parses everything. @returns The error that ended it. */
function readAll(parser: FrameParser, onEvent: (event: ParsedEvent) => void): ProtocolError | undefined {
  try {
    for (let event = parser.next(); event !== undefined; event = parser.next()) onEvent(event);
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  return undefined;
}

for (const role of ['server', 'client'] as const satisfies readonly EndpointRole[]) {
  test(`a ${role} parses a million valid frames, reports each message and keeps no memory`, async (t) => {
    const seed = seedOfRun();
    t.diagnostic(`seed ${seed}`);
    const frames = new RandomFrames(seededRandom(seed), role);
    const parser = new FrameParser(wideLimits, role);
    let events = 0;
    let before = 0;
    while (frames.frames < frameCount) {
      parser.push(frames.stream(100));
      assert.equal(
        readAll(parser, () => events++),
        undefined,
      );
      if (before === 0 && frames.frames >= frameCount / 2) before = await settledMemory();
    }
    assert.equal(events, frames.events);
    assert.ok(!parser.ended);
    const grownBytes = (await settledMemory()) - before;
    t.diagnostic(`memory grew by ${grownBytes} bytes`);
    assert.ok(grownBytes < maxGrownBytes, `memory grew by ${grownBytes} bytes`);
  });
}

test('a million frames with one mutation in each stream cause only named errors and keep no memory', async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const sources = { server: new RandomFrames(random, 'server'), client: new RandomFrames(random, 'client') };
  const ends = new Map<string, number>();
  let before = 0;
  for (let count = 0; count < frameCount; count = sources.server.frames + sources.client.frames) {
    const role = random() < 0.5 ? 'server' : 'client';
    const source = sources[role];
    const valid = source.stream(1 + Math.floor(random() * 12));
    const whole = random() < 0.2 ? Buffer.concat([valid, source.close(), source.stream(1)]) : valid;
    const stream = mutated(whole, random);
    const parser = new FrameParser({ ...wideLimits, maxMessageBytes: 1000, maxFragments: 3 }, role);
    let isClosed = false;
    let error: ProtocolError | undefined;
    const onEvent = (event: ParsedEvent): void => {
      assert.ok(!isClosed, 'there is no event after a close');
      isClosed = event.kind === 'close';
    };
    for (let from = 0; from < stream.length && error === undefined;) {
      const to = from + 1 + Math.floor(random() * stream.length);
      parser.push(Buffer.from(stream.subarray(from, to)));
      error = readAll(parser, onEvent);
      from = to;
    }
    assert.equal(parser.ended, isClosed || error !== undefined);
    if (error !== undefined) assert.ok([1002, 1007, 1009].includes(error.closeCode), error.code);
    parser.push(Buffer.from(stream));
    if (parser.ended) assert.equal(parser.next(), undefined);
    const end = error?.code ?? (isClosed ? 'close' : 'open');
    ends.set(end, (ends.get(end) ?? 0) + 1);
    if (before === 0 && count >= frameCount / 2) before = await settledMemory();
  }
  // The mutations must break each rule.
  const rules =
    'RESERVED_BITS OPCODE MASK LENGTH CONTROL_FRAME FRAGMENT CLOSE_PAYLOAD UTF8 MESSAGE_TOO_BIG TOO_MANY_FRAGMENTS';
  for (const end of ['open', 'close', ...rules.split(' ').map((rule) => `WS_${rule}`)]) {
    assert.ok((ends.get(end) ?? 0) > 10, `${end}: ${JSON.stringify([...ends])}`);
  }
  const grownBytes = (await settledMemory()) - before;
  t.diagnostic(`memory grew by ${grownBytes} bytes`);
  assert.ok(grownBytes < maxGrownBytes, `memory grew by ${grownBytes} bytes`);
});
