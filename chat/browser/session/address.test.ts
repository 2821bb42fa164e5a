import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, roomOfAddress } from './address.ts';

test('every room has an address that leads back to it', () => {
  for (const id of ['lobby', 'a/b?c#d%', '房间 1', '-_']) assert.equal(roomOfAddress(addressOf(id)), id);
});

test('another address names no room', () => {
  for (const hash of ['', '#', '#/rooms/', '#composer', '#/rooms/%']) assert.equal(roomOfAddress(hash), undefined);
});
