import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, roomOfAddress } from './address.ts';

test('converts the id of any room to an address and back', () => {
  for (const id of ['lobby', 'a/b?c#d%', '房间 1', '-_']) assert.equal(roomOfAddress(addressOf(id)), id);
});

test('other addresses contain no room', () => {
  for (const hash of ['', '#', '#/rooms/', '#composer', '#/rooms/%']) assert.equal(roomOfAddress(hash), undefined);
});
