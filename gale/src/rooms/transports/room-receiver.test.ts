import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WebSocketConnection } from '../../websocket/connection.ts';
import { CatchUpTurns } from '../catch-up-turns.ts';
import { RoomReceiver } from './room-receiver.ts';

test('catching up waits above 256 KiB of buffered bytes, until 64 KiB are left', () => {
  const waits: number[] = [];
  const connection = {
    bufferedAmount: 0,
    drained(bytes: number): Promise<void> {
      waits.push(bytes);
      return Promise.resolve();
    },
  };
  const receiver = new RoomReceiver('lobby', connection as unknown as WebSocketConnection, new CatchUpTurns(), {
    onSignal() {},
  });
  connection.bufferedAmount = 256 * 1024;
  assert.equal(receiver.ready(), undefined);
  assert.deepEqual(waits, []);
  connection.bufferedAmount++;
  assert.ok(receiver.ready() instanceof Promise);
  assert.deepEqual(waits, [64 * 1024]);
});
