/**
 * Whatever comes and however it is cut, the parser tells one thing, throws nothing but what it documents, and then is silent.
 * `FUZZ_RUNS` says how many inputs each property is tried with, `FUZZ_SEED` repeats a failure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ProtocolError } from '../../errors.ts';
import { fuzz, hostileBytes } from '../../../test/support/http/random-requests.ts';
import { HeadCaches } from './request-head.ts';
import { limits, read } from '../../../test/support/http/parsed-requests.ts';
import { RequestParser } from './parser.ts';

/** Where input is cut, as any numbers. */
const places = fc.array(fc.nat(), { maxLength: 6 });

/** `bytes` in parts, none of them empty. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const cuts = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index])).filter((part) => part.length > 0);
}

test('the outcome depends neither on the cuts nor on what was read before', async () => {
  const caches = new HeadCaches();
  await fuzz(
    3_000,
    fc.property(hostileBytes, places, (bytes, cuts) => {
      const whole = read([bytes]);
      const parts = cutAt(bytes, cuts);
      assert.deepEqual(read(parts), whole);
      // Twice, since only what came twice in a row is remembered.
      for (let time = 0; time < 3; time++) {
        assert.deepEqual(read([bytes], caches), whole);
        assert.deepEqual(read(parts, caches), whole);
      }
    }),
  );
});

test('any bytes at all are told or refused, never worse', async () => {
  await fuzz(
    1_000,
    fc.property(fc.uint8Array({ maxLength: 200 }), places, (input, cuts) => {
      const bytes = Buffer.from(input);
      assert.deepEqual(read(cutAt(bytes, cuts)), read([bytes]));
    }),
  );
});

test('a parser that is paused at any event tells the same, and reads nothing meanwhile', async () => {
  await fuzz(
    1_000,
    fc.property(hostileBytes, places, fc.array(fc.boolean(), { minLength: 1 }), (bytes, cuts, pauses) => {
      assert.deepEqual(follow(cutAt(bytes, cuts), pauses), follow([bytes], [false]));
    }),
  );
});

/** Events of a parser that is paused at some of them and resumed behind each part; parts of a body that touch are one. */
function follow(parts: readonly Buffer[], pauses: readonly boolean[]): string[] {
  const events: string[] = [];
  let isPaused = false;
  let count = 0;
  const tell = (event: string): void => {
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
      onHead: (head) => tell(`head ${head.method} ${head.target} ${head.byteLength > 0}`),
      onBody: (part) => tell(`body ${part.toString('latin1')}`),
      onEnd: () => tell('end'),
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
