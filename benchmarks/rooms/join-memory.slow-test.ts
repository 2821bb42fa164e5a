import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureJoin } from './join-benchmark.ts';

test(
  '10,000 different people join one room, all receive a message, and each uses at most 10 KB of resident memory',
  { skip: process.platform !== 'linux' },
  async () => {
    const { residentBytesEach, presenceEventsEach, wallSeconds } = await measureJoin(10_000);
    assert.ok(residentBytesEach <= 10_240, `${residentBytesEach} bytes each`);
    // One per second, independent of the number of people.
    assert.ok(presenceEventsEach <= wallSeconds + 3, `${presenceEventsEach} events in ${wallSeconds} s`);
  },
);
