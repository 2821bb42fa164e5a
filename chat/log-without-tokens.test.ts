import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutTokens } from './log-without-tokens.ts';

test('the token of a link is hidden at every level, and other fields and paths stay', () => {
  const lines: unknown[] = [];
  const write = (fields: object, message: string): void => void lines.push([fields, message]);
  const log = withoutTokens({ debug: write, info: write, warn: write, error: write });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    log[level]({ path: '/invite/s3cret', status: 200 }, 'one');
    log[level]({ path: '/sign-in/s3\ncret/more' }, 'two');
    log[level]({ path: '/login' }, 'three');
  }
  const once = [
    [{ path: '/invite/…', status: 200 }, 'one'],
    [{ path: '/sign-in/…' }, 'two'],
    [{ path: '/login' }, 'three'],
  ];
  assert.deepEqual(lines, [...once, ...once, ...once, ...once]);
});
