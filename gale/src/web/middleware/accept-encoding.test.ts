import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { acceptedCodings, type ContentCoding } from './accept-encoding.ts';

const all: readonly ContentCoding[] = ['zstd', 'br', 'gzip'];

test('the client decides by weights, the server between equal ones', () => {
  for (const [field, wanted] of [
    ['', []],
    ['gzip', ['gzip']],
    ['gzip, deflate, br, zstd', ['zstd', 'br', 'gzip']],
    ['gzip;q=1, br;q=0.5', ['gzip', 'br']],
    ['gzip;q=0, *', ['zstd', 'br']],
    ['*;q=0.3, gzip;q=0.2', ['zstd', 'br', 'gzip']],
    ['*;q=0', []],
    ['identity', []],
    ['identity;q=0.5, gzip;q=0.4, br;q=0.6', ['br']],
    ['identity;q=0, gzip;q=0.001', ['gzip']],
    ['X-GZIP', ['gzip']],
    ['GZip ; Q=0.8', ['gzip']],
    ['gzip;q=1.5, br;q=, zstd;level=3', []],
    ['gzip;q=0.1234, br', ['br']],
    ['gzip,,, br', ['br', 'gzip']],
    [`gzip, ${'x'.repeat(1100)}`, []],
  ] as const) {
    assert.deepEqual(acceptedCodings(field, all), wanted, field);
  }
  assert.deepEqual(acceptedCodings('gzip, br', ['gzip']), ['gzip']);
  assert.deepEqual(acceptedCodings('gzip, br', ['gzip', 'br']), ['gzip', 'br']);
});

test('is the result of a naive model for any list of weights', () => {
  const names = ['zstd', 'br', 'gzip', 'identity', '*', 'deflate'] as const;
  const weight = fc.option(fc.integer({ min: 0, max: 1000 }), { nil: undefined });
  const space = fc.constantFrom('', ' ', '\t');
  const item = fc.tuple(weight, space, space);
  const list = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), item), { selector: ([name]) => name });
  fc.assert(
    fc.property(list, (items) => {
      const field = items
        .map(
          ([name, [q, before, after]]) =>
            `${before}${name}${q === undefined ? '' : `${after};q=${(q / 1000).toFixed(3)}`}`,
        )
        .join(',');
      const weights: Record<string, number> = {};
      for (const [name, [q]] of items) weights[name] = q ?? 1000;
      const of = (name: string): number => weights[name] ?? weights['*'] ?? 0;
      const identity = weights['identity'] ?? 0;
      const expected: ContentCoding[] = [];
      // The heaviest coding that is left, the server's first among equals.
      for (let left = [...all]; left.length > 0;) {
        let best = left[0] as ContentCoding;
        for (const coding of left) if (of(coding) > of(best)) best = coding;
        left = left.filter((coding) => coding !== best);
        if (of(best) > 0 && of(best) >= identity) expected.push(best);
      }
      assert.deepEqual(acceptedCodings(field, all), expected, field);
    }),
  );
});

test('accepts nothing that is not offered, whatever the field is', () => {
  fc.assert(
    fc.property(fc.string(), (field) => {
      for (const coding of acceptedCodings(field, all)) {
        assert.ok(field.includes('*') || field.toLowerCase().includes(coding), field);
      }
    }),
  );
});
