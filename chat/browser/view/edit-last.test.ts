/** The key Up in an empty composer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { me } from '../state/support.ts';
import { messageFrame, openLobby } from '../session/support.ts';
import { editLast } from './edit-last.ts';

test('edits the last message of this person that was not deleted', (t) => {
  const { chat, socket, room } = openLobby(t);
  assert.equal(editLast(chat, room()), false);
  for (const offset of [4, 5]) socket.receive(messageFrame(offset, me));
  chat.messages.apply('lobby', 5, { text: '', change: 1, deleted: { at: 1, by: me.id } });
  assert.equal(editLast(chat, room()), true);
  assert.deepEqual(chat.intents.get('lobby'), { kind: 'edit', seq: 4, text: 'text 4' });
});

test('edits nothing while the last message is being sent', (t) => {
  const { chat, socket, room } = openLobby(t);
  socket.receive(messageFrame(4, me));
  chat.send('lobby', 'newer');
  assert.equal(editLast(chat, room()), false);
  assert.equal(chat.intents.get('lobby'), undefined);
});

test('puts a refused message back into the composer, with the message to which it replies', (t) => {
  const { chat, socket, room } = openLobby(t);
  socket.receive(messageFrame(4, me));
  chat.send('lobby', 'long', 2);
  socket.refuse(socket.of('publish')[0], 'CHAT_TEXT_TOO_LONG');
  assert.equal(editLast(chat, room()), true);
  assert.equal(chat.drafts.get('lobby'), 'long');
  assert.deepEqual(chat.intents.get('lobby'), { kind: 'reply', seq: 2 });
  assert.deepEqual(room().outgoing, []);
  chat.send('lobby', 'again');
  socket.refuse(socket.of('publish')[1], 'ROOM_PUBLISH_UNKNOWN');
  assert.equal(editLast(chat, room()), false, 'it may have been sent');
});
