import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Recorder, someEntry, upTo, usual } from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import { SqliteBroker } from './sqlite-broker.ts';

test('what one commit stored is delivered in one turn, before any publisher continues', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gale-sqlite-delivery-'));
  const broker = await SqliteBroker.open({ path: join(folder, 'rooms.sqlite') });
  t.after(async () => {
    await broker.close();
    rmSync(folder, { recursive: true });
  });
  let turn = 0;
  const events: string[] = [];
  const recorder = new Recorder();
  await broker.listen('lobby', {
    onMessage: (epoch, message) => {
      recorder.onMessage(epoch, message);
      events.push(`turn ${turn}: message`);
    },
    onAmend: () => {},
    onSignal: () => {},
    onDoubt: () => {},
  });
  const counting = setInterval(() => (turn += 1), 0);
  t.after(() => clearInterval(counting));
  // The calls of one turn are one transaction.
  const publishing = upTo(50).map(async () => {
    await broker.publish('lobby', someEntry(), usual);
    events.push('published');
  });
  await Promise.all(publishing);
  assert.equal(new Set(events.slice(0, 50)).size, 1, events.join());
  assert.deepEqual(new Set(events.slice(50)), new Set(['published']));
  assert.deepEqual(
    recorder.messages.map(({ message }) => message.offset),
    upTo(50),
  );
});
