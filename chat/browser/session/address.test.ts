import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, hashAfterLogOut, roomOfAddress } from './address.ts';

test('converts the id of any room to an address and back', () => {
  for (const id of ['lobby', 'a/b?c#d%', '房间 1', '-_']) assert.equal(roomOfAddress(addressOf(id)), id);
});

test('other addresses contain no room', () => {
  for (const hash of ['', '#', '#/rooms/', '#composer', '#/rooms/%']) assert.equal(roomOfAddress(hash), undefined);
});

test('a log-out keeps the address of a room, but not that of the lobby', () => {
  assert.equal(hashAfterLogOut(addressOf('房间 1')), addressOf('房间 1'));
  for (const hash of ['', '#composer', addressOf('lobby')]) assert.equal(hashAfterLogOut(hash), '');
});
