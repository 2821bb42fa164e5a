import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCommonPassword } from './common-passwords.ts';

for (const password of [
  '12345678',
  'Password',
  'PASSWORD2026!',
  'password1',
  'Qwertyuiop',
  'woaini1314',
  '1qaz2wsx',
  '一二三四五六七八',
]) {
  test(`${password} is a common password`, () => assert.equal(isCommonPassword(password), true));
}

for (const password of [
  'correct horse battery',
  'password of my own',
  'xpassword',
  '密密密密密密密密',
  'password 1234567890',
]) {
  test(`${password} is not in the list`, () => assert.equal(isCommonPassword(password), false));
}
