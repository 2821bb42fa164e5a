import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opcodes } from './frame.ts';
import type { FrameHeader } from './frame.ts';
import { PartialMessage } from './partial-message.ts';

function header(payloadBytes: number, final: boolean): FrameHeader {
  return { final, reserved: 0, opcode: opcodes.binary, mask: undefined, payloadBytes, headerBytes: 2 };
}

/** The memory of a message with these bytes received. */
function capacityOf(message: PartialMessage): number {
  return message.finish().buffer.byteLength;
}

test('allocates by bytes received, not by an announced length', () => {
  const first = header(2 ** 30, true);
  const message = new PartialMessage(first, 1024);
  message.beginFrame(first);
  message.push(Buffer.alloc(1));
  assert.equal(capacityOf(message), 4096);
});

test('allocates no more than a short last frame needs', () => {
  const first = header(100, true);
  const message = new PartialMessage(first, 1024);
  message.beginFrame(first);
  message.push(Buffer.alloc(1));
  assert.equal(capacityOf(message), 100);
});

test('doubles its memory, so that small parts cause few copies', () => {
  const first = header(2 ** 20, false);
  const message = new PartialMessage(first, 1024);
  message.beginFrame(first);
  const capacities = new Set<number>();
  for (let bytes = 0; bytes < 2 ** 20; bytes += 64) {
    message.push(Buffer.alloc(64));
    capacities.add(capacityOf(message));
  }
  assert.deepEqual([...capacities], [4096, 8192, 16_384, 32_768, 65_536, 131_072, 262_144, 524_288, 1_048_576]);
});

test('accepts exactly maxFragments fragments', () => {
  const message = new PartialMessage(header(0, false), 2);
  message.beginFrame(header(0, false));
  message.beginFrame(header(0, false));
  assert.throws(() => message.beginFrame(header(0, true)), { code: 'WS_TOO_MANY_FRAGMENTS' });
});
