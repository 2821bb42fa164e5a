/** Memory of connections with context takeover. In a separate file, so that no other test has left garbage. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { eventually } from '../../../test/support/eventually.ts';
import { memoryInUse } from '../../../test/support/processes/memory-in-use.ts';
import { DeflatingWriter } from '../writing/deflating-writer.ts';
import { MessageInflater } from './message-inflater.ts';
import { prepareForOne } from '../writing/prepared-message.ts';

/** Text that barely compresses alone, a third longer than `size` bytes. */
function noise(randomBytes: number): string {
  return crypto.getRandomValues(Buffer.alloc(randomBytes)).toString('base64');
}

/** Bytes in use. Heap and buffers are separate, because V8 frees some megabytes of heap at any time. */
interface InUse {
  readonly heap: number;
  /** Outside the heap, where the windows are. */
  readonly buffers: number;
}

function inUse(): InUse {
  memoryInUse();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { heap: heapUsed, buffers: arrayBuffers };
}

/** The same after it stops falling: zlib frees its memory with a delay. */
async function settled(): Promise<InUse> {
  let steady = 0;
  let last = inUse();
  await eventually(() => {
    const now = inUse();
    steady = now.heap + now.buffers < last.heap + last.buffers - 1000 ? 0 : steady + 1;
    last = now;
    return steady === 5;
  });
  return last;
}

/** Bytes that each connection holds after it has sent and received these messages. */
async function heldByEach(count: number, messages: readonly Buffer[]): Promise<InUse> {
  const wire = new Writable({ write: (_chunk, _encoding, done) => done() });
  const choice = { windowBits: 15, contextTakeover: true, fromBytes: 0 };
  const compressed = messages.map((message) => deflateRawSync(message));
  const kept: unknown[] = [];
  const before = await settled();
  for (let i = 0; i < count; i++) {
    const writer = new DeflatingWriter(wire, 2 ** 20, false, choice);
    const inflater = new MessageInflater({ peerContextTakeover: true, peerWindowBits: 15 }, 2 ** 20);
    kept.push(writer, inflater);
    for (const message of messages) assert.ok(writer.queue(prepareForOne(message)));
    for (const message of compressed) await inflater.inflate(message);
    if (i % 50 === 0) await turn();
  }
  const after = await settled();
  assert.equal(kept.length, 2 * count);
  // The next count must not include these.
  kept.length = 0;
  return { heap: (after.heap - before.heap) / count, buffers: (after.buffers - before.buffers) / count };
}

test('connections hold no window before their first compressed message and at most two after it', async (t) => {
  const small = Buffer.from(noise(300));
  const large = Array.from({ length: 3 }, () => Buffer.from(noise(11_250)));
  await heldByEach(100, [small]);
  const silent = await heldByEach(1000, []);
  const brief = await heldByEach(1000, [small]);
  const full = await heldByEach(300, large);
  t.diagnostic(JSON.stringify({ silent, brief, full }));
  assert.ok(silent.heap < 1000, `${silent.heap} bytes of heap each without a message`);
  assert.ok(silent.buffers < 10, `${silent.buffers} bytes of buffers each without a message`);
  assert.ok(brief.buffers > 800 && brief.buffers < 1500, `${brief.buffers} bytes each after 400 bytes each way`);
  assert.ok(full.buffers > 60_000 && full.buffers < 66_000, `${full.buffers} bytes each after 45,000 bytes each way`);
});
