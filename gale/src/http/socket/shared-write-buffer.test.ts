import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { maxSharedWriteBytes, SharedWriteBuffer } from './shared-write-buffer.ts';

/** A stream that completes each write at once, or when `complete` is called. */
function stream(isQuick: boolean): { writable: Writable; text(): string; complete(): void } {
  const kept: Buffer[] = [];
  const taken: string[] = [];
  let done: (() => void) | undefined;
  const writable = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      if (isQuick) {
        taken.push(chunk.toString('latin1'));
        return callback();
      }
      kept.push(chunk);
      done = callback;
    },
  });
  return {
    writable,
    text: () => [...taken, ...kept.map((chunk) => chunk.toString('latin1'))].join(''),
    complete: () => done?.(),
  };
}

test('writes parts of every kind as one', () => {
  const buffer = new SharedWriteBuffer();
  const { writable, text } = stream(true);
  assert.ok(buffer.write(writable, 'head ', 'b\xf6dy ', [new Uint8Array([0x61, 0x62]), '', ' end'], 16));
  assert.equal(text(), 'head b\xf6dy ab end');
});

test('writes repeated, shorter and longer heads correctly', () => {
  const buffer = new SharedWriteBuffer();
  const { writable, text } = stream(true);
  for (const head of ['long head:', 'long head:', 'head:', 'long head:', 'much longer head:']) {
    buffer.write(writable, head, 'body ', undefined, head.length + 5);
  }
  assert.equal(text(), 'long head:body long head:body head:body long head:body much longer head:body ');
});

test('writes any sequence of repeated and changed parts correctly', () => {
  const part = fc.oneof(
    fc.constantFrom('head:', 'body', 'longer body', ''),
    fc.constantFrom('bytes', 'b').map((text) => new Uint8Array(Buffer.from(text))),
  );
  const lists = fc.array(
    fc.tuple(
      fc.constantFrom('head:', 'other:', ''),
      part,
      fc.option(fc.array(part, { maxLength: 5 }), { nil: undefined }),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(lists, (writes) => {
      const buffer = new SharedWriteBuffer();
      for (const [first, second, more] of writes) {
        const { writable, text } = stream(true);
        const expected = Buffer.concat([first, second, ...(more ?? [])].map((one) => Buffer.from(one))).toString();
        buffer.write(writable, first, second, more, expected.length);
        assert.equal(text(), expected);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('does not overwrite bytes that a stream still holds', () => {
  const buffer = new SharedWriteBuffer();
  const slow = stream(false);
  const quick = stream(true);
  for (const size of [20, 2_000, maxSharedWriteBytes]) {
    assert.equal(buffer.write(slow.writable, 'slow head ', 's'.repeat(size - 10), undefined, size), false);
    for (const filler of ['x', 'y']) {
      assert.ok(buffer.write(quick.writable, 'quick head', filler.repeat(size - 10), undefined, size));
    }
    assert.ok(slow.text().endsWith(`slow head ${'s'.repeat(size - 10)}`), `${size} bytes`);
    slow.complete();
  }
});
