import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bytes } from '../../test/websocket-bytes.ts';
import { Utf8Check } from './utf8.ts';

const valid = [
  { name: 'nothing', hex: '' },
  { name: 'ASCII', hex: '00 41 7f' },
  { name: 'the borders of two bytes', hex: 'c280 dfbf' },
  { name: 'the borders of three bytes', hex: 'e0a080 ed9fbf ee8080 efbfbf' },
  { name: 'the borders of four bytes', hex: 'f0908080 f48fbfbf' },
  { name: 'a byte order mark', hex: 'efbbbf 41' },
  { name: 'Greek', hex: 'ceba e1bdb9 cf83 cebc ceb5' },
  { name: 'Chinese and an emoji', hex: 'e4b896 e7958c f09f9880 21' },
];

/** `shownBy`: how many bytes it takes until nothing could make the text valid. */
const invalid = [
  { name: 'a lone continuation', hex: '80', shownBy: 1 },
  { name: 'a continuation too many', hex: 'c3a9 bf 41', shownBy: 3 },
  { name: 'C0, which only overlong forms begin with', hex: 'c080', shownBy: 1 },
  { name: 'C1', hex: 'c1bf', shownBy: 1 },
  { name: 'an overlong three', hex: 'e09fbf', shownBy: 2 },
  { name: 'an overlong four', hex: 'f08fbfbf', shownBy: 2 },
  { name: 'the first surrogate', hex: 'eda080', shownBy: 2 },
  { name: 'the last surrogate', hex: 'edbfbf', shownBy: 2 },
  { name: 'over U+10FFFF', hex: 'f4908080', shownBy: 2 },
  { name: 'F5', hex: 'f5808080', shownBy: 1 },
  { name: 'FF', hex: '41 ff', shownBy: 2 },
  { name: 'a two broken off', hex: 'c341', shownBy: 2 },
  { name: 'a three broken off in its second byte', hex: 'e44196', shownBy: 2 },
  { name: 'a three broken off in its third byte', hex: 'e4b841', shownBy: 3 },
  { name: 'a four broken off in its fourth byte', hex: 'f09f9841', shownBy: 4 },
  { name: 'a four with a lead for its third byte', hex: 'f09fc380', shownBy: 3 },
  { name: 'good text, then a surrogate', hex: 'ceba e1bdb9 cf83 eda080 656469746564', shownBy: 9 },
];

/** Checks pieces; the number of bytes pushed when it said no, or `undefined`. */
function refusedAfter(pieces: readonly Uint8Array[]): number | undefined {
  const check = new Utf8Check();
  let pushed = 0;
  for (const piece of pieces) {
    pushed += piece.length;
    if (!check.push(piece)) return pushed;
  }
  return check.isComplete ? undefined : Infinity;
}

for (const { name, hex } of valid) {
  test(`${name} is valid in every split`, () => {
    const text = bytes(hex);
    assert.equal(refusedAfter([text]), undefined);
    assert.equal(refusedAfter(Array.from(text, (byte) => Uint8Array.of(byte))), undefined);
    for (let one = 0; one <= text.length; one++) {
      for (let two = one; two <= text.length; two++) {
        const pieces = [text.subarray(0, one), text.subarray(one, two), text.subarray(two)];
        assert.equal(refusedAfter(pieces), undefined, `${one}, ${two}`);
      }
    }
  });
}

for (const { name, hex, shownBy } of invalid) {
  test(`${name} is refused by byte ${shownBy}, in every split`, () => {
    const text = bytes(hex);
    assert.equal(refusedAfter(Array.from(text, (byte) => Uint8Array.of(byte))), shownBy);
    for (let at = 0; at <= text.length; at++) {
      const expected = at >= shownBy ? at : text.length;
      assert.equal(refusedAfter([text.subarray(0, at), text.subarray(at)]), expected, `cut at ${at}`);
    }
  });
}

test('a text that ends inside a character is not complete', () => {
  const text = bytes('41 f09f9880');
  for (let length = 2; length < 5; length++) {
    const check = new Utf8Check();
    assert.ok(check.push(text.subarray(0, length)));
    assert.equal(check.isComplete, false);
  }
});

test('any bytes in any pieces are judged as they are in one', () => {
  const leads = [
    0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf4, 0xf5,
  ];
  const byte = fc.oneof(fc.constantFrom(...leads), fc.nat(255));
  fc.assert(
    fc.property(fc.array(fc.array(byte, { maxLength: 6 }), { maxLength: 5 }), (pieces) => {
      const whole = Uint8Array.from(pieces.flat());
      const verdict = refusedAfter(pieces.map((piece) => Uint8Array.from(piece))) === undefined;
      assert.equal(verdict, isUtf8(whole));
    }),
    { numRuns: 5000, verbose: 1 },
  );
});

test('any text in any pieces is valid', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(40)), (text, cuts) => {
      const whole = Buffer.from(text.toWellFormed());
      const places = [0, ...cuts.map((at) => Math.min(at, whole.length)).sort((a, b) => a - b), whole.length];
      const pieces = places.slice(1).map((end, index) => whole.subarray(places[index], end));
      assert.equal(refusedAfter(pieces), undefined);
    }),
    { numRuns: 1000 },
  );
});
