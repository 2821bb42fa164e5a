import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomError } from '../room-error.ts';
import type { Position } from '../stream.ts';
import { lostCode } from './connection.ts';
import { Outbox } from './outbox.ts';
import type { OutboxEntry, OutboxOptions } from './outbox.ts';

type Waiter = Parameters<OutboxOptions['send']>[1];

interface Opened {
  readonly outbox: Outbox;
  readonly sent: { readonly entry: OutboxEntry; readonly waiter: Waiter }[];
  readonly events: string[];
  readonly saves: (readonly OutboxEntry[])[];
  /** The position that the client has read. */
  read: Position | undefined;
}

function openOutbox(): Opened {
  const opened: Omit<Opened, 'outbox'> = { sent: [], events: [], saves: [], read: undefined };
  const outbox = new Outbox({
    stored: { load: () => [], save: (entries) => opened.saves.push(entries) },
    minBackoffMs: 100,
    maxBackoffMs: 10_000,
    random: () => 1,
    isOpen: () => true,
    position: () => opened.read,
    send: (entry, waiter) => opened.sent.push({ entry, waiter }),
    onPublished: ({ id }) => opened.events.push(`published ${id}`),
    onRefused: ({ id }, { code }) => opened.events.push(`refused ${id} ${code}`),
    onDelayed: ({ id }, { code }, afterMs) => opened.events.push(`delayed ${id} ${code} ${afterMs}`),
  });
  return Object.assign(opened, { outbox });
}

const unavailable = new RoomError('ROOM_UNAVAILABLE', 'Try again.', { retry: true });

function add({ outbox }: Opened, id: string, more: Partial<OutboxEntry> = {}): void {
  outbox.add({ room: 'lobby', id, data: 1, time: 0, ...more }).catch(() => {});
}

test('sends a message again at once after a lost connection', () => {
  const opened = openOutbox();
  add(opened, 'a');
  opened.sent[0]?.waiter.onError(new RoomError(lostCode, 'Lost.', { retry: true }));
  opened.outbox.flush();
  assert.equal(opened.sent.length, 2);
  assert.equal(opened.sent[1]?.entry.sent, true);
});

test('a retry names the newer of the position that was read and the position that was stored', () => {
  for (const [read, after] of [
    [undefined, { epoch: 'e', offset: 5, life: 'a' }],
    [
      { epoch: 'e', offset: 4 },
      { epoch: 'e', offset: 5, life: 'a' },
    ],
    [
      { epoch: 'e', offset: 6 },
      { epoch: 'e', offset: 6 },
    ],
    [
      { epoch: 'f', offset: 1 },
      { epoch: 'f', offset: 1 },
    ],
  ] as const) {
    const opened = openOutbox();
    add(opened, 'a');
    opened.sent[0]?.waiter.onReply({ epoch: 'e', offset: 5, life: 'a', time: 0 });
    opened.read = read;
    add(opened, 'b');
    assert.deepEqual(opened.outbox.entries[0]?.after, after);
  }
});

test('reports nothing and saves nothing for a message that was discarded while it was sent', () => {
  for (const end of [
    ({ onReply }: Waiter): void => onReply({ epoch: 'e', offset: 1, time: 0 }),
    ({ onError }: Waiter): void => onError(new RoomError('ROOM_NOT_MEMBER', 'Join first.')),
  ]) {
    const opened = openOutbox();
    add(opened, 'a');
    opened.outbox.discard('a', new RoomError('ROOM_DISCARDED', 'Discarded.'));
    const { length } = opened.saves;
    end(opened.sent[0]!.waiter);
    assert.deepEqual(opened.events, []);
    assert.equal(opened.saves.length, length);
  }
});

test('keeps the position of the first attempt if a pending message is published again', () => {
  const opened = openOutbox();
  opened.read = { epoch: 'e', offset: 3 };
  add(opened, 'a');
  add(opened, 'a', { sent: true, after: { epoch: 'e', offset: 9 } });
  assert.equal(opened.outbox.entries.length, 1);
  assert.deepEqual(opened.outbox.entries[0]?.after, { epoch: 'e', offset: 3 });
});

for (const end of ['stored', 'refused'] as const)
  test(`waits as before the first retry again after a message was ${end}`, (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const opened = openOutbox();
    for (const id of ['a', 'b']) {
      add(opened, id);
      const { length } = opened.sent;
      opened.sent.at(-1)?.waiter.onError(unavailable);
      t.mock.timers.tick(99);
      assert.equal(opened.sent.length, length);
      t.mock.timers.tick(1);
      assert.equal(opened.sent.length, length + 1);
      const { waiter } = opened.sent.at(-1)!;
      if (end === 'stored') waiter.onReply({ epoch: 'e', offset: 1, time: 0 });
      else waiter.onError(new RoomError('ROOM_NOT_MEMBER', 'Join the room first.'));
    }
    const ended = end === 'stored' ? 'published' : 'refused';
    const code = end === 'stored' ? '' : ' ROOM_NOT_MEMBER';
    assert.deepEqual(opened.events, [
      'delayed a ROOM_UNAVAILABLE 100',
      `${ended} a${code}`,
      'delayed b ROOM_UNAVAILABLE 100',
      `${ended} b${code}`,
    ]);
  });
