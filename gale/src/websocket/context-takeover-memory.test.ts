/** What connections with context takeover hold. In a file of its own, where no other test has left anything to be freed. */
import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { eventually } from '../../test/eventually.ts';
import { memoryInUse } from '../../test/memory-in-use.ts';
import { DeflatingWriter } from './deflating-writer.ts';
import { MessageInflater } from './message-inflater.ts';
import { prepareForOne } from './prepared-message.ts';

/** Text that hardly shrinks by itself, a third longer than so many bytes. */
function noise(randomBytes: number): string {
  return crypto.getRandomValues(Buffer.alloc(randomBytes)).toString('base64');
}

/** Memory in use once it falls no more: Node frees what zlib used a while after the collector found it. */
async function settledMemory(): Promise<number> {
  let steady = 0;
  let least = memoryInUse();
  await eventually(() => {
    const now = memoryInUse();
    steady = now < least - 1000 ? 0 : steady + 1;
    least = Math.min(least, now);
    return steady === 5;
  });
  return least;
}

/** Bytes that each of so many connections holds that have sent and received these messages. */
async function heldByEach(count: number, messages: readonly Buffer[]): Promise<number> {
  const wire = new Writable({ write: (_chunk, _encoding, done) => done() });
  const choice = { windowBits: 15, contextTakeover: true, fromBytes: 0 };
  const compressed = messages.map((message) => deflateRawSync(message));
  const kept: unknown[] = [];
  const before = await settledMemory();
  for (let i = 0; i < count; i++) {
    const writer = new DeflatingWriter(wire, 2 ** 20, false, choice);
    const inflater = new MessageInflater({ peerContextTakeover: true, peerWindowBits: 15 }, 2 ** 20);
    kept.push(writer, inflater);
    for (const message of messages) assert.ok(writer.queue(prepareForOne(message)));
    for (const message of compressed) await inflater.inflate(message);
    if (i % 50 === 0) await turn();
  }
  const held = (await settledMemory()) - before;
  assert.equal(kept.length, 2 * count);
  // The next count must not begin with these.
  kept.length = 0;
  return held / count;
}

test('connections that have not compressed yet hold no window, and those that have hold two at most', async (t) => {
  const small = Buffer.from(noise(300));
  const large = Array.from({ length: 3 }, () => Buffer.from(noise(11_250)));
  await heldByEach(100, [small]);
  const silent = await heldByEach(1000, []);
  const brief = await heldByEach(1000, [small]);
  const full = await heldByEach(300, large);
  t.diagnostic(`bytes of each: ${[silent, brief, full].map(Math.round).join(', ')}`);
  assert.ok(silent < 1000, `${silent} bytes each without a message`);
  assert.ok(brief > 800 && brief < 3000, `${brief} bytes each after one of 400 bytes each way`);
  assert.ok(full > 60_000 && full < 2 * 32_768 + 3000, `${full} bytes each after 45,000 bytes each way`);
});
