/**
 * Properties of the parser for random input: the split of the input does not change the events, the parser throws only documented errors,
 * and nothing follows an error.
 * `FUZZ_RUNS` is the number of inputs per property, `FUZZ_SEED` repeats a failure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ProtocolError } from '../../errors.ts';
import { fuzz, hostileBytes } from '../../../test/support/http/random-requests.ts';
import { HeadCaches } from './request-head.ts';
import { limits, read } from '../../../test/support/http/parsed-requests.ts';
import { RequestParser } from './parser.ts';

/** Positions at which the input is split, as arbitrary numbers. */
const places = fc.array(fc.nat(), { maxLength: 6 });

/** `bytes` in parts, none of them empty. */
function splitAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const positions = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...positions]
    .map((from, index) => bytes.subarray(from, positions[index]))
    .filter((part) => part.length > 0);
}

test('gives the same outcome for every split and any state of the cache', async () => {
  const caches = new HeadCaches();
  await fuzz(
    3_000,
    fc.property(hostileBytes, places, (bytes, positions) => {
      const whole = read([bytes]);
      const parts = splitAt(bytes, positions);
      assert.deepEqual(read(parts), whole);
      // Twice, since the cache stores only bytes that arrive twice in a row.
      for (let time = 0; time < 3; time++) {
        assert.deepEqual(read([bytes], caches), whole);
        assert.deepEqual(read(parts, caches), whole);
      }
    }),
  );
});

test('accepts or rejects arbitrary bytes and never throws another error', async () => {
  await fuzz(
    1_000,
    fc.property(fc.uint8Array({ maxLength: 200 }), places, (input, positions) => {
      const bytes = Buffer.from(input);
      assert.deepEqual(read(splitAt(bytes, positions)), read([bytes]));
    }),
  );
});

test('emits the same events if paused at any event, and nothing while paused', async () => {
  await fuzz(
    1_000,
    fc.property(hostileBytes, places, fc.array(fc.boolean(), { minLength: 1 }), (bytes, positions, pauses) => {
      assert.deepEqual(follow(splitAt(bytes, positions), pauses), follow([bytes], [false]));
    }),
  );
});

/** Events of a parser that is paused at some of them and resumed after each part; adjacent parts of a body are joined. */
function follow(parts: readonly Buffer[], pauses: readonly boolean[]): string[] {
  const events: string[] = [];
  let isPaused = false;
  let count = 0;
  const record = (event: string): void => {
    assert.ok(!isPaused || event === 'end', 'nothing is read while paused');
    const last = events.at(-1);
    if (event.startsWith('body ') && last?.startsWith('body ') === true)
      events[events.length - 1] = last + event.slice(5);
    else events.push(event);
    if (pauses[count++ % pauses.length] !== true) return;
    isPaused = true;
    parser.pause();
  };
  const parser = new RequestParser(
    {
      onHead: (head) => record(`head ${head.method} ${head.target} ${head.byteLength > 0}`),
      onBody: (part) => record(`body ${part.toString('latin1')}`),
      onEnd: () => record('end'),
    },
    limits,
  );
  const attempt = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      events.push(error.code);
    }
  };
  for (const part of parts) {
    attempt(() => parser.feed(part));
    while (isPaused) {
      isPaused = false;
      attempt(() => parser.resume());
    }
  }
  return events;
}
