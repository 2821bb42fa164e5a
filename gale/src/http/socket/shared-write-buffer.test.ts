import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { maxSlabBytes, writeTogether } from './shared-write-buffer.ts';

/** A stream that takes each write at once, or keeps it until it is let go. */
function stream(isQuick: boolean): { writable: Writable; text(): string; letGo(): void } {
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
    letGo: () => done?.(),
  };
}

test('parts of every kind are written as one', () => {
  const { writable, text } = stream(true);
  assert.ok(writeTogether(writable, 'head ', 'b\xf6dy ', [new Uint8Array([0x61, 0x62]), '', ' end'], 16));
  assert.equal(text(), 'head b\xf6dy ab end');
});

test('a head that repeats, one that is shorter and one that is longer all come out right', () => {
  const { writable, text } = stream(true);
  for (const head of ['long head:', 'long head:', 'head:', 'long head:', 'much longer head:']) {
    writeTogether(writable, head, 'body ', undefined, head.length + 5);
  }
  assert.equal(text(), 'long head:body long head:body head:body long head:body much longer head:body ');
});

test('what a stream has not taken yet is not overwritten', () => {
  const slow = stream(false);
  const quick = stream(true);
  for (const size of [20, 2_000, maxSlabBytes]) {
    assert.equal(writeTogether(slow.writable, 'slow head ', 's'.repeat(size - 10), undefined, size), false);
    for (const filler of ['x', 'y']) {
      assert.ok(writeTogether(quick.writable, 'quick head', filler.repeat(size - 10), undefined, size));
    }
    assert.ok(slow.text().endsWith(`slow head ${'s'.repeat(size - 10)}`), `${size} bytes`);
    slow.letGo();
  }
});
