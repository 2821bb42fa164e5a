import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { invalidTexts, validTexts } from '../../../test/support/websocket/utf8-texts.ts';
import { seedOfRun } from '../../../test/support/seeded-random.ts';
import { bytes } from '../../../test/support/websocket/websocket-bytes.ts';
import { Utf8Check } from './utf8.ts';

/** Number of bytes pushed when the check failed; `undefined` for a valid text. */
function failedAfter(pieces: readonly Uint8Array[]): number | undefined {
  const check = new Utf8Check();
  let pushed = 0;
  for (const piece of pieces) {
    pushed += piece.length;
    if (!check.push(piece)) return pushed;
  }
  return check.isComplete ? undefined : Infinity;
}

for (const { name, hex } of validTexts) {
  test(`accepts ${name} in every split`, () => {
    const text = bytes(hex);
    assert.equal(failedAfter([text]), undefined);
    assert.equal(failedAfter(Array.from(text, (byte) => Uint8Array.of(byte))), undefined);
    for (let one = 0; one <= text.length; one++) {
      for (let two = one; two <= text.length; two++) {
        const pieces = [text.subarray(0, one), text.subarray(one, two), text.subarray(two)];
        assert.equal(failedAfter(pieces), undefined, `${one}, ${two}`);
      }
    }
  });
}

for (const { name, hex, shownBy } of invalidTexts) {
  test(`rejects ${name} at byte ${shownBy}, in every split`, () => {
    const text = bytes(hex);
    assert.equal(failedAfter(Array.from(text, (byte) => Uint8Array.of(byte))), shownBy);
    for (let at = 0; at <= text.length; at++) {
      const expected = at >= shownBy ? at : text.length;
      assert.equal(failedAfter([text.subarray(0, at), text.subarray(at)]), expected, `split at ${at}`);
    }
  });
}

test('is not complete inside a character', () => {
  const text = bytes('41 f09f9880');
  for (let length = 2; length < 5; length++) {
    const check = new Utf8Check();
    assert.ok(check.push(text.subarray(0, length)));
    assert.equal(check.isComplete, false);
  }
});

/** Bytes at which the rules change. */
const boundaries = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef, 0xf0,
  0xf1, 0xf3, 0xf4, 0xf5, 0xff,
];

/** RFC 3629 §4: the range of each byte of a character. */
const characters = [
  [[0x00, 0x7f]],
  [
    [0xc2, 0xdf],
    [0x80, 0xbf],
  ],
  [
    [0xe0, 0xe0],
    [0xa0, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xe1, 0xec],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xed, 0xed],
    [0x80, 0x9f],
    [0x80, 0xbf],
  ],
  [
    [0xee, 0xef],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf0, 0xf0],
    [0x90, 0xbf],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf1, 0xf3],
    [0x80, 0xbf],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
  [
    [0xf4, 0xf4],
    [0x80, 0x8f],
    [0x80, 0xbf],
    [0x80, 0xbf],
  ],
] as const;

/** Number of bytes until no continuation could make the text valid; `Infinity` if it is only incomplete. */
function shownByDefinition(text: readonly number[]): number | undefined {
  let start = 0;
  while (start < text.length) {
    let fitting: readonly (readonly (readonly [number, number])[])[] = characters;
    let place = 0;
    for (;;) {
      if (start + place === text.length) return Infinity;
      const byte = text[start + place]!;
      fitting = fitting.filter((form) => byte >= form[place]![0] && byte <= form[place]![1]);
      place++;
      if (fitting.length === 0) return start + place;
      if (fitting[0]!.length === place) break;
    }
    start += place;
  }
  return undefined;
}

test('fails at the right byte for all first two bytes and for three boundary bytes', () => {
  const seen = { valid: 0, open: 0, refused: 0 };
  const compare = (text: readonly number[]): void => {
    const expected = shownByDefinition(text);
    assert.equal(failedAfter(text.map((byte) => Uint8Array.of(byte))), expected, Buffer.from(text).toString('hex'));
    seen[expected === undefined ? 'valid' : expected === Infinity ? 'open' : 'refused']++;
  };
  for (const first of boundaries) {
    for (const second of boundaries) {
      for (const third of boundaries) compare([first, second, third]);
    }
  }
  for (let first = 0; first < 256; first++) {
    for (let second = 0; second < 256; second++) compare([first, second]);
  }
  for (const lead of [0xf0, 0xf1, 0xf3, 0xf4]) {
    for (const second of boundaries) {
      for (const third of boundaries) {
        for (const fourth of boundaries) compare([lead, second, third, fourth]);
      }
    }
  }
  assert.ok(seen.valid > 16_384 && seen.open > 1000 && seen.refused > 40_000, JSON.stringify(seen));
});

test('gives the same result for any bytes in one part and in many', (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const byte = fc.oneof(fc.constantFrom(...boundaries), fc.nat(255));
  fc.assert(
    fc.property(fc.array(fc.array(byte, { maxLength: 6 }), { maxLength: 5 }), (pieces) => {
      const whole = Uint8Array.from(pieces.flat());
      const verdict = failedAfter(pieces.map((piece) => Uint8Array.from(piece))) === undefined;
      assert.equal(verdict, isUtf8(whole));
    }),
    { numRuns: 5000, verbose: 1, seed },
  );
});

test('accepts any text in any parts', (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.array(fc.nat(40)), (text, positions) => {
      const whole = Buffer.from(text.toWellFormed());
      const places = [0, ...positions.map((at) => Math.min(at, whole.length)).sort((a, b) => a - b), whole.length];
      const pieces = places.slice(1).map((end, index) => whole.subarray(places[index], end));
      assert.equal(failedAfter(pieces), undefined);
    }),
    { numRuns: 1000, seed },
  );
});
