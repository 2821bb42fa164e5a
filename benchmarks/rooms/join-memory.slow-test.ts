import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measureJoin } from './join-benchmark.ts';

test(
  '10,000 different people join one room, all of them get a message, and each takes at most 10 KB of resident memory',
  { skip: process.platform !== 'linux' },
  async () => {
    const { residentBytesEach, presenceEventsEach, wallSeconds } = await measureJoin(10_000);
    assert.ok(residentBytesEach <= 10_240, `${residentBytesEach} bytes each`);
    // One for each interval of a second, whatever the number of people.
    assert.ok(presenceEventsEach <= wallSeconds + 3, `${presenceEventsEach} events in ${wallSeconds} s`);
  },
);
