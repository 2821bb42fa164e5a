/** Changes of messages: commands, what the page shows meanwhile, and what it shows if they are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expiredBy } from '../../wire.ts';
import { unreadCount } from '../state/reading.ts';
import { ada, me, wireRoom } from '../state/support.ts';
import { findMessage } from '../state/message-data.ts';
import { layOutTimeline } from '../state/timeline-layout.ts';
import { hasOlder, shownMessages } from '../state/timeline-window.ts';
import { Intents } from '../storage/intents.ts';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { openLobby, subscribed } from './support.ts';
import { refreshReturns } from './refresh.ts';

/** Lets promises that are settled continue. */
const turn = async (): Promise<void> => {
  for (let count = 0; count < 5; count++) await Promise.resolve();
};

/** A message of the history. */
const message = (seq: number, data: object): object => ({ seq, id: `m${seq}`, author: ada, time: 1, data });

test('a reaction is shown before the reply, and taken back if it is refused', async (t) => {
  const { chat, socket, room } = openLobby(t);
  const reactions = (): unknown => findMessage(room(), 2)?.data.reactions;
  const done = chat.messages.toggleReaction('lobby', 2, '👍');
  await turn();
  assert.deepEqual(reactions(), [{ emoji: '👍', count: 1, people: [me.id] }]);
  const [command] = socket.of('react');
  assert.deepEqual([command?.['seq'], command?.['emoji'], command?.['on']], [2, '👍', true]);
  socket.refuse(command, 'CHAT_REACTIONS_FULL');
  await done;
  assert.equal(reactions(), undefined);
  assert.deepEqual(chat.messages.notice.value, { code: 'CHAT_REACTIONS_FULL' });
  t.mock.timers.tick(6000);
  assert.equal(chat.messages.notice.value, undefined);
});

test('messages that are deleted because of their age are neither unread nor shown, also those that the page does not have', (t) => {
  const { socket, room } = openLobby(t);
  socket.receive({ type: 'joined', room: wireRoom({ id: 'tea', top: 500, topSeq: 500, readSeq: 100 }) });
  socket.receive({ type: 'seen', room: 'lobby', seq: 1, exact: true });
  const unread = (): number[] => ['lobby', 'tea'].map((id) => unreadCount(room(id), me.id));
  assert.deepEqual(unread(), [2, 400]);
  const expire = (id: string, seq: number): void => {
    const data = { text: '', deleted: { at: 0, by: expiredBy } };
    socket.receive({ type: 'signal', room: id, data: { type: 'message-changed', seq, data } });
  };
  expire('tea', 450);
  expire('lobby', 2);
  assert.deepEqual(unread(), [1, 50]);
  assert.deepEqual(
    shownMessages(room()).map(({ seq }) => seq),
    [3],
  );
  assert.equal(hasOlder(room()), false);
  expire('lobby', 3);
  assert.deepEqual(unread(), [0, 50]);
});

test('the reply of an edit changes the message, and an older event does not change it back', async (t) => {
  const { chat, socket, room } = openLobby(t);
  const done = chat.messages.edit('lobby', 3, 'new');
  socket.reply(socket.of('edit-message')[0], { data: { text: 'new', change: 2, edited: 5 } });
  await done;
  const change = (text: string, number: number): void =>
    socket.receive({
      type: 'signal',
      room: 'lobby',
      data: { type: 'message-changed', seq: 3, data: { text, change: number } },
    });
  change('old', 1);
  assert.equal(findMessage(room(), 3)?.data.text, 'new');
  change('newer', 3);
  assert.equal(findMessage(room(), 3)?.data.text, 'newer');
});

test('an amendment of the stream changes a message, and no change makes the room unread', (t) => {
  const { chat, socket, room } = openLobby(t);
  chat.setAttentive(false);
  const data = { text: '', change: 1, deleted: { at: 1, by: ada.id } };
  socket.receive({
    type: 'amend',
    room: 'lobby',
    epoch: 'e1',
    offset: 2,
    id: 'm2',
    author: ada,
    time: 1,
    life: 'a',
    version: 1,
    amended: 2,
    data,
  });
  assert.deepEqual(findMessage(room(), 2)?.data, data);
  assert.equal(room().view?.unreadAfter, undefined);
});

test('a refused recall gives no text back, and a late one says why', async (t) => {
  const { chat, socket } = openLobby(t);
  const recalled = chat.messages.recall('lobby', 3);
  socket.refuse(socket.of('delete-message')[0], 'CHAT_RECALL_LATE');
  assert.equal(await recalled, undefined);
  assert.equal(chat.messages.notice.value?.code, 'CHAT_RECALL_LATE');
  const again = chat.messages.recall('lobby', 3);
  socket.reply(socket.of('delete-message')[1], {
    data: { text: '', change: 1, deleted: { at: 1, by: me.id, recalled: true } },
  });
  assert.equal(await again, 'text 3');
});

test('a deletion ends a reply to the message and an edit of it', (t) => {
  const { chat } = openLobby(t);
  const deleted = { text: '', change: 1, deleted: { at: 1, by: ada.id } };
  chat.intents.set('lobby', { kind: 'reply', seq: 2 });
  chat.messages.apply('lobby', 2, deleted);
  assert.equal(chat.intents.get('lobby'), undefined);
  chat.intents.set('lobby', { kind: 'edit', seq: 3, text: 'draft' });
  chat.messages.apply('lobby', 2, deleted);
  assert.equal(chat.intents.get('lobby')?.seq, 3);
  chat.messages.apply('lobby', 3, deleted);
  assert.equal(chat.intents.get('lobby'), undefined);
});

test('a deleted text is no longer among the announcements, and the end of a reply to it is noted', (t) => {
  const { chat, socket } = openLobby(t);
  socket.receive({
    type: 'message',
    room: 'lobby',
    epoch: 'e1',
    offset: 4,
    id: 'm4',
    author: ada,
    time: 1,
    data: { text: 'rude' },
  });
  assert.equal(chat.announcements.value.length, 1);
  chat.intents.set('lobby', { kind: 'reply', seq: 4 });
  const data = { text: '', change: 1, deleted: { at: 1, by: ada.id } };
  socket.receive({ type: 'signal', room: 'lobby', data: { type: 'message-changed', seq: 4, data } });
  assert.deepEqual(chat.announcements.value, []);
  assert.deepEqual(chat.messages.notice.value, { code: 'CHAT_MESSAGE_DELETED' });
});

test('the changed text of a message that another person deletes becomes the draft, before a text that is there', (t) => {
  const { chat } = openLobby(t);
  chat.drafts.set('lobby', 'a draft');
  chat.intents.edit('lobby', 3, 'text 3');
  chat.intents.keepText('lobby', 'long and new');
  chat.messages.apply('lobby', 3, { text: '', change: 1, deleted: { at: 1, by: ada.id } });
  assert.equal(chat.intents.get('lobby'), undefined);
  assert.equal(chat.drafts.get('lobby'), 'long and new\na draft');
  assert.deepEqual(chat.messages.notice.value, { code: 'CHAT_MESSAGE_DELETED' });
});

test('an edit without a connection is shown as pending, and sent when the connection is back, also after a reload', async (t) => {
  const storage = new MemoryStorage();
  const { chat, socket, sockets, room } = openLobby(t, storage);
  const shown = (): unknown => {
    const item = layOutTimeline(room(), me, 'UTC').find((each) => each.kind === 'message' && each.seq === 3);
    return item?.kind === 'message' && [item.data.text, item.status];
  };
  socket.cut();
  chat.intents.edit('lobby', 3, 'text 3');
  await chat.messages.edit('lobby', 3, 'new');
  assert.equal(chat.intents.get('lobby'), undefined, 'the composer is free');
  assert.deepEqual(shown(), ['new', 'pending']);
  assert.deepEqual(new Intents(storage, me.id).edits.saved, [{ room: 'lobby', seq: 3, text: 'new', isSaved: true }]);
  t.mock.timers.tick(20_000);
  const next = sockets.at(-1)!;
  next.welcome(wireRoom({ top: 3, readSeq: 3 }));
  const [command] = next.of('edit-message');
  assert.equal(command?.['text'], 'new');
  next.reply(command, { data: { text: 'new', change: 1, edited: 5 } });
  await turn();
  assert.deepEqual(shown(), ['new', 'received']);
  assert.deepEqual(chat.intents.edits.saved, []);
});

test('a refused edit comes back into the composer with its reason, but not while the person types something else', async (t) => {
  const { chat, socket } = openLobby(t);
  const first = chat.messages.edit('lobby', 3, 'new');
  socket.refuse(socket.of('edit-message')[0], 'CHAT_MENTIONS');
  await first;
  assert.deepEqual(chat.intents.get('lobby'), { kind: 'edit', seq: 3, text: 'new', isChanged: true });
  assert.deepEqual(chat.messages.notice.value, { code: 'CHAT_MENTIONS' });
  const second = chat.messages.edit('lobby', 3, 'newer');
  chat.drafts.set('lobby', 'something else');
  socket.refuse(socket.of('edit-message')[1], 'CHAT_MENTIONS');
  await second;
  assert.equal(chat.intents.get('lobby'), undefined);
  chat.intents.edit('lobby', 3, 'text 3');
  assert.deepEqual(chat.intents.get('lobby'), { kind: 'edit', seq: 3, text: 'newer', isChanged: true });
});

test('quoted messages are asked for once, 20 at a time', async (t) => {
  const { chat, socket, room } = openLobby(t);
  const seqs = Array.from({ length: 25 }, (_, index) => 100 + index);
  chat.messages.loadExcerpts('lobby', seqs);
  chat.messages.loadExcerpts('lobby', seqs.slice(0, 20));
  const [first, ...others] = socket.of('get-messages');
  assert.deepEqual(first?.['seqs'], seqs.slice(0, 20));
  assert.equal(others.length, 0);
  socket.reply(first, { messages: [{ seq: 100, id: 'x', author: ada, time: 1, text: 'hi' }] });
  await turn();
  assert.equal(room().excerpts.get(101), 'gone');
  assert.equal(room().excerpts.size, 20);
});

test('a reply is sent with the number of its message, also when it is retried', (t) => {
  const { chat, socket, room } = openLobby(t);
  chat.send('lobby', 'yes', 2);
  const [first] = socket.of('publish');
  assert.deepEqual(first?.['data'], { text: 'yes', reply: 2 });
  socket.refuse(first, 'CHAT_TEXT_TOO_LONG');
  chat.retry(room().outgoing[0]!.id);
  assert.deepEqual(socket.of('publish')[1]?.['data'], { text: 'yes', reply: 2 });
});

test('after a lost connection, old messages that the stream no longer keeps are read again', async (t) => {
  const page = openLobby(t);
  const { chat, room } = page;
  t.after(refreshReturns(chat));
  page.socket.cut();
  t.mock.timers.tick(1000);
  const socket = page.sockets[1]!;
  socket.welcome(wireRoom({ top: 5, topSeq: 5 }));
  socket.reply(socket.of('subscribe')[0], { ...subscribed(5, 3), first: 3 });
  await turn();
  const [read, ...others] = socket.of('read-history');
  assert.deepEqual([read?.['room'], read?.['after'], others.length], ['lobby', 0, 0]);
  const deleted = { text: '', change: 1, deleted: { at: 1, by: ada.id } };
  socket.reply(read, {
    messages: [message(1, deleted), message(2, { text: 'text 2' }), message(3, { text: 'newer', change: 9 })],
    first: 1,
    top: 5,
    epoch: 'e1',
    segments: [{ firstOffset: 1, delta: 0 }],
  });
  await turn();
  assert.deepEqual(findMessage(room(), 1)?.data, deleted);
  assert.equal(findMessage(room(), 2)?.data.text, 'text 2');
  assert.equal(findMessage(room(), 3)?.data.text, 'text 3', 'the stream has the newest state of it');
  assert.equal(chat.messages.notice.value, undefined);
});

test('messages that changed and were trimmed before the change could come are read again', async (t) => {
  const { chat, socket, room } = openLobby(t);
  t.after(refreshReturns(chat));
  socket.receive({ type: 'stale', room: 'lobby', epoch: 'e1', after: 0, count: 2 });
  const [read, ...others] = socket.of('read-history');
  assert.deepEqual([read?.['room'], read?.['after'], others.length], ['lobby', 0, 0]);
  const deleted = { text: '', change: 1, deleted: { at: 1, by: ada.id } };
  socket.reply(read, {
    messages: [message(1, { text: 'text 1' }), message(2, deleted)],
    first: 1,
    top: 5,
    epoch: 'e1',
    segments: [{ firstOffset: 1, delta: 0 }],
  });
  await turn();
  assert.deepEqual(findMessage(room(), 2)?.data, deleted);
});

test('after a lost connection, old messages of a room that is not open are dropped', async (t) => {
  const page = openLobby(t);
  page.chat.show(undefined);
  page.socket.cut();
  t.mock.timers.tick(1000);
  const socket = page.sockets[1]!;
  socket.welcome(wireRoom({ top: 3, topSeq: 3 }));
  socket.reply(socket.of('subscribe')[0], { ...subscribed(3, 3), first: 3 });
  // Also if this part of the page is loaded later.
  t.after(refreshReturns(page.chat));
  await turn();
  assert.deepEqual(
    page.room().messages.map(({ seq }) => seq),
    [3],
  );
  assert.equal(socket.of('read-history').length, 0);
});
