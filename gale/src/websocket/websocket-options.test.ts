import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../errors.ts';
import { resolveWebSocketOptions, webSocketDefaults } from './websocket-options.ts';

test('fills in the defaults, for undefined too', () => {
  assert.equal(resolveWebSocketOptions(undefined), webSocketDefaults);
  const options = { maxMessageBytes: 5, pingIntervalMs: undefined } as { maxMessageBytes: number };
  assert.deepEqual(resolveWebSocketOptions(options), { ...webSocketDefaults, maxMessageBytes: 5 });
});

test('returns one object for equal options in a row', () => {
  const first = resolveWebSocketOptions({ maxFragments: 7 });
  assert.equal(resolveWebSocketOptions({ maxFragments: 7 }), first);
  assert.notEqual(resolveWebSocketOptions({ maxFragments: 8 }), first);
});

test('rejects a wrong value with its name, value and range', () => {
  for (const value of [0, -1, 1.5, NaN, Infinity, '5' as unknown as number]) {
    assert.throws(
      () => resolveWebSocketOptions({ maxMessageBytes: value }),
      (error) =>
        error instanceof GaleError && error.code === 'OPTION_VALUE' && error.message.includes('maxMessageBytes'),
    );
  }
  assert.throws(() => resolveWebSocketOptions({ maxFragments: '5' as unknown as number }), {
    message: 'maxFragments must be an integer from 1 to 2147483648; got "5".',
  });
  assert.throws(() => resolveWebSocketOptions({ messageTypes: 'json' as 'text' }), { code: 'OPTION_VALUE' });
  assert.throws(() => resolveWebSocketOptions({ compress: 'yes' as unknown as true }), { code: 'OPTION_VALUE' });
  assert.throws(() => resolveWebSocketOptions({ compressFromBytes: -1 }), { code: 'OPTION_VALUE' });
  assert.throws(() => resolveWebSocketOptions({ maxWindowBits: 8 }), { code: 'OPTION_VALUE', message: /9 to 15/ });
  assert.throws(() => resolveWebSocketOptions({ whenBufferFull: 'wait' as 'drop' }), {
    code: 'OPTION_VALUE',
    message: /whenBufferFull must be "close" or "drop"; got "wait"/,
  });
  assert.equal(resolveWebSocketOptions({ compress: true, compressFromBytes: 0 }).compressFromBytes, 0);
  assert.equal(resolveWebSocketOptions({ pingIntervalMs: 0 }).pingIntervalMs, 0);
});

test('rejects what is not an object', () => {
  for (const options of [null, 5, 'text', [], true] as unknown as object[]) {
    assert.throws(() => resolveWebSocketOptions(options), {
      code: 'OPTION_VALUE',
      message: /^WebSocket options must be an object; got/,
    });
  }
});

test('rejects an unknown name', () => {
  const misspelt = { maxMesageBytes: 5 } as object;
  assert.throws(() => resolveWebSocketOptions(misspelt), { code: 'OPTION_UNKNOWN' });
});
