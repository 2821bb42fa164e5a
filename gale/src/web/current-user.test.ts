import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSignedIn } from './current-user.ts';

test('undefined, null, false and an empty string are no user', () => {
  for (const user of [undefined, null, false, '']) assert.equal(isSignedIn(user), false, String(user));
  for (const user of ['Ann', {}, 0, true]) assert.equal(isSignedIn(user), true, String(user));
});
