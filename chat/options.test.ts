import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { numberRanges } from './number-ranges.ts';
import { serverOptions } from './options.ts';

/** Minimum and maximum of each number of `npm start`. */
const ranges: Readonly<Record<string, readonly [min: number, max: number]>> = {
  port: [0, 65_535],
  'person-publish-burst': [1, 1_000_000],
  'person-publishes-per-second': [1, 1_000_000],
  'room-publish-burst': [1, 1_000_000],
  'room-publishes-per-second': [1, 1_000_000],
  'command-burst': [1, 1_000_000],
  'commands-per-second': [1, 1_000_000],
  'max-connections': [1, 1_000_000],
  'max-connections-per-address': [0, 1_000_000],
  'max-sockets-per-person': [1, 1_000_000],
  'max-subscriptions-per-connection': [1, 1_000_000],
  'dedupe-count': [1, 4096],
  'identify-timeout-ms': [10, 600_000],
  'accounts-per-hour': [1, 1_000_000],
  'sign-ins-per-address': [1, 1_000_000],
  'failures-per-address': [1, 1_000_000],
  'sessions-per-person': [1, 1000],
  'requests-per-minute': [1, 1_000_000],
  'forms-per-minute': [1, 1_000_000],
  'visitor-requests-per-minute': [1, 1_000_000],
  'rooms-per-hour': [1, 1_000_000],
  'empty-room-ms': [0, 31_536_000_000],
  'retention-days': [0, 36_500],
  'audit-days': [0, 36_500],
  'presence-lease-ms': [1000, 86_400_000],
  'presence-grace-ms': [0, 3_600_000],
  'presence-batch-ms': [1, 60_000],
  'presence-names-max': [0, 1000],
};

test('each number of npm start has its range, and refuses values outside of it', () => {
  const numbers = [...serverOptions.help('').matchAll(/^ *--([a-z-]+)=N/gm)].map(([, name = '']) => name);
  assert.deepEqual(numbers.toSorted(), Object.keys(ranges).toSorted());
  for (const [name, [min, max]] of Object.entries(ranges)) {
    for (const value of [min, max]) {
      const parsed: Readonly<Record<string, unknown>> = serverOptions.parse([`--${name}=${value}`], {});
      assert.equal(parsed[name], value);
    }
    for (const value of [min - 1, max + 1]) {
      assert.throws(() => serverOptions.parse([`--${name}=${value}`], {}), new RegExp(name), `--${name}=${value}`);
    }
  }
});

test('the creator of a chat has the same ranges', () => {
  for (const [name, { min, max }] of Object.entries(numberRanges)) {
    const option = ranges[name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)];
    if (option) assert.deepEqual([min, max], option, name);
  }
});

test('docs/guide/limits.md names every number of npm start but the port', async () => {
  const guide = await readFile(new URL('../docs/guide/limits.md', import.meta.url), 'utf8');
  const numbers = [...serverOptions.help('').matchAll(/^ *(--[a-z-]+)=N/gm)].map(([, name = '']) => name);
  assert.ok(numbers.length > 20, `${numbers.length} numbers`);
  assert.deepEqual(
    numbers.filter((name) => name !== '--port' && !guide.includes(`\`${name}\``)),
    [],
  );
});
