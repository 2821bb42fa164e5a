/** UTF-8 of messages in frames and reads of any size: the result does not depend on them. RFC 6455 §8.1. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeFrame, opcodes } from '../src/websocket/protocol/frame.ts';
import type { EndpointRole } from '../src/websocket/protocol/frame-parser.ts';
import { invalidTexts, validTexts } from './support/websocket/utf8-texts.ts';
import { bytes, bytewise, splitAt, eventsOf, testMask, wideLimits } from './support/websocket/websocket-bytes.ts';

const roles: readonly EndpointRole[] = ['server', 'client'];

/** A text as frames split at these offsets, and the position of each payload byte in their bytes. */
function framesOf(
  text: Buffer,
  boundaries: readonly number[],
  role: EndpointRole,
): { whole: Buffer; places: number[] } {
  const mask = role === 'server' ? testMask : undefined;
  const ends = [...boundaries, text.length];
  const frames: Buffer[] = [];
  const places: number[] = [];
  let length = 0;
  for (const [index, end] of ends.entries()) {
    const payload = text.subarray(ends[index - 1] ?? 0, end);
    const opcode = index === 0 ? opcodes.text : opcodes.continuation;
    const frame = encodeFrame(opcode, payload, { mask, final: index === boundaries.length });
    for (let i = 0; i < payload.length; i++) places.push(length + frame.length - payload.length + i);
    frames.push(frame);
    length += frame.length;
  }
  return { whole: Buffer.concat(frames), places };
}

/** No boundary, each one, each two. */
function boundariesIn(length: number): number[][] {
  const all: number[][] = [[]];
  for (let one = 0; one <= length; one++) {
    all.push([one]);
    for (let two = one; two <= length; two++) all.push([one, two]);
  }
  return all;
}

for (const { name, hex } of validTexts) {
  test(`reads ${name} unchanged, in every split into up to three frames and every split into two reads`, () => {
    const text = bytes(hex);
    for (const role of roles) {
      for (const boundaries of boundariesIn(text.length)) {
        const { whole } = framesOf(text, boundaries, role);
        const expected = [`text ${text.toString()}`];
        for (let at = 0; at <= whole.length; at++) {
          assert.deepEqual(
            eventsOf(splitAt(whole, at), wideLimits, role),
            expected,
            `frames at ${boundaries.join()}, split at ${at}`,
          );
        }
        assert.deepEqual(eventsOf(bytewise(whole), wideLimits, role), expected, `frames at ${boundaries.join()}`);
      }
    }
  });
}

for (const { name, hex, shownBy } of invalidTexts) {
  test(`rejects ${name} at byte ${shownBy}, in every split into up to three frames and every split into two reads`, () => {
    const text = bytes(hex);
    for (const role of roles) {
      for (const boundaries of boundariesIn(text.length)) {
        const { whole, places } = framesOf(text, boundaries, role);
        const failsAt = places[shownBy - 1]!;
        for (let at = 0; at <= whole.length; at++) {
          const events = eventsOf([whole.subarray(0, at)], wideLimits, role);
          const where = `frames at ${boundaries.join()}, split at ${at}`;
          assert.deepEqual(events, at > failsAt ? ['WS_UTF8 1007'] : [], where);
          assert.deepEqual(eventsOf(splitAt(whole, at), wideLimits, role), ['WS_UTF8 1007'], where);
        }
        const before = bytewise(whole.subarray(0, failsAt));
        assert.deepEqual(eventsOf(before, wideLimits, role), []);
        assert.deepEqual(eventsOf([...before, whole.subarray(failsAt, failsAt + 1)], wideLimits, role), [
          'WS_UTF8 1007',
        ]);
      }
    }
  });
}

for (const { name, hex } of validTexts.filter(({ hex }) => hex !== '')) {
  test(`rejects ${name} truncated, unless it ends between characters`, () => {
    const text = bytes(hex);
    for (const role of roles) {
      for (let length = 0; length < text.length; length++) {
        const begun = text.subarray(0, length);
        const isWhole = (text[length]! & 0xc0) !== 0x80;
        const expected = isWhole ? [`text ${begun.toString()}`] : ['WS_UTF8 1007'];
        for (const boundaries of boundariesIn(length)) {
          const { whole } = framesOf(begun, boundaries, role);
          for (let at = 0; at <= whole.length; at++) {
            assert.deepEqual(
              eventsOf(splitAt(whole, at), wideLimits, role),
              expected,
              `${length} bytes, split at ${at}`,
            );
          }
          assert.deepEqual(eventsOf(bytewise(whole.subarray(0, -1)), wideLimits, role), []);
        }
      }
    }
  });
}
