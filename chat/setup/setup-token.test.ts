import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deriveSetupToken, isSetupToken } from './setup-token.ts';

test('all servers with the same secret have the same token', () => {
  const token = deriveSetupToken('a secret');
  assert.match(token, /^([A-Z2-9]{5}-){3}[A-Z2-9]{5}$/);
  assert.equal(deriveSetupToken('a secret'), token);
  assert.notEqual(deriveSetupToken('another'), token);
});

test('a token may be typed without hyphens and in small letters', () => {
  const token = deriveSetupToken('a secret');
  assert.equal(isSetupToken(` ${token.toLowerCase().replaceAll('-', '')} `, token), true);
  for (const wrong of ['', token.slice(1), `${token}A`, 'x'.repeat(100_000)])
    assert.equal(isSetupToken(wrong, token), false);
});
