/** What happens to a text from the composer until it is in the stream, also over lost connections and reloads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { me, noon, wireRoom } from '../state/support.ts';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { messageFrame, openLobby, type Page } from './support.ts';

test('shows a message at once, and as sent only after the server has stored it', (t) => {
  const { chat, socket, room } = openLobby(t);
  chat.send('lobby', '你好');
  assert.deepEqual(
    room().outgoing.map(({ data, status }) => [data.text, status]),
    [['你好', 'pending']],
  );
  const publish = socket.of('publish')[0];
  assert.deepEqual(publish?.['data'], { text: '你好' });
  socket.reply(publish, { epoch: 'e1', offset: 4, time: noon });
  assert.equal(room().outgoing[0]?.status, 'stored');
  socket.receive(messageFrame(4, me, String(publish?.['id'])));
  assert.deepEqual([room().outgoing.length, room().messages.length], [0, 4]);
});

test('a refused message keeps its reason, is retried once with the same id, and survives a reload', (t) => {
  const storage = new MemoryStorage();
  const { chat, socket, room } = openLobby(t, storage);
  chat.send('lobby', 'hello');
  socket.refuse(socket.of('publish')[0], 'CHAT_TEXT_TOO_LONG');
  const [failed] = room().outgoing;
  assert.deepEqual([failed?.status, failed?.code], ['failed', 'CHAT_TEXT_TOO_LONG']);

  t.mock.timers.reset();
  const again = openLobby(t, storage);
  assert.deepEqual(again.room().outgoing, [failed]);
  again.chat.retry(failed!.id);
  again.chat.retry(failed!.id);
  assert.deepEqual(
    again.socket.of('publish').map(({ id }) => id),
    [failed!.id],
  );
  assert.equal(again.room().outgoing[0]?.status, 'pending');
});

test('a message whose result is unknown survives a reload, and is sent again with a new id or discarded', (t) => {
  const storage = new MemoryStorage();
  const first = openLobby(t, storage);
  first.chat.send('lobby', 'perhaps');
  first.socket.cut();
  t.mock.timers.reset();

  // After a reload the page knows that the message may have been sent.
  const second = openLobby(t, storage);
  const [publish] = second.socket.of('publish');
  assert.deepEqual([publish?.['id'], publish?.['retry']], [first.socket.of('publish')[0]?.['id'], true]);
  second.socket.refuse(publish, 'ROOM_PUBLISH_UNKNOWN');
  const [unknown] = second.room().outgoing;
  assert.deepEqual([unknown?.status, unknown?.code, unknown?.data.text], ['failed', 'ROOM_PUBLISH_UNKNOWN', 'perhaps']);
  t.mock.timers.reset();

  const third = openLobby(t, storage);
  assert.deepEqual(third.room().outgoing, [unknown]);
  assert.deepEqual(third.socket.of('publish'), [], 'it is not sent by itself');
  third.chat.retry(unknown!.id);
  third.chat.retry(unknown!.id);
  const [again, ...more] = third.socket.of('publish');
  assert.deepEqual([again?.['data'], again?.['retry'], more], [{ text: 'perhaps' }, undefined, []]);
  assert.notEqual(again?.['id'], unknown!.id);
  assert.deepEqual(
    third.room().outgoing.map(({ id, status }) => [id, status]),
    [[again?.['id'], 'pending']],
  );
  third.socket.refuse(again, 'ROOM_PUBLISH_UNKNOWN');
  third.chat.discard('lobby', String(again?.['id']));
  assert.deepEqual(third.room().outgoing, []);
  assert.equal(storage.length, 0);
});

test('retries a message as possibly stored if it was sent before it was refused', (t) => {
  const { chat, socket, sockets, room } = openLobby(t);
  chat.send('lobby', 'hello');
  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets[1]!;
  next.welcome(wireRoom());
  next.refuse(next.of('publish')[0], 'ROOM_NOT_MEMBER');
  chat.retry(room().outgoing[0]!.id);
  const [first, second] = next.of('publish');
  assert.deepEqual([second?.['id'], second?.['retry']], [first?.['id'], true]);
});

test('a reply to a message that is gone is sent without the quote when it is retried, also after a reload', (t) => {
  const storage = new MemoryStorage();
  const first = openLobby(t, storage);
  first.chat.send('lobby', 'yes', 2);
  first.socket.refuse(first.socket.of('publish')[0], 'CHAT_REPLY_UNKNOWN');
  t.mock.timers.reset();

  const { chat, socket, room } = openLobby(t, storage);
  const [failed] = room().outgoing;
  assert.deepEqual([failed?.data, failed?.code], [{ text: 'yes', reply: 2 }, 'CHAT_REPLY_UNKNOWN']);
  chat.retry(failed!.id);
  const publish = socket.of('publish')[0];
  assert.deepEqual([publish?.['id'], publish?.['data']], [failed!.id, { text: 'yes' }]);
  assert.deepEqual(room().outgoing[0]?.data, { text: 'yes' });
});

test('another refused reply keeps its quote when it is retried', (t) => {
  const { chat, socket, room } = openLobby(t);
  chat.send('lobby', 'yes', 2);
  socket.refuse(socket.of('publish')[0], 'CHAT_ROOM_ARCHIVED');
  chat.retry(room().outgoing[0]!.id);
  assert.deepEqual(socket.of('publish')[1]?.['data'], { text: 'yes', reply: 2 });
});

test('removes a discarded message, also after a reload', (t) => {
  const storage = new MemoryStorage();
  const { chat, socket, room } = openLobby(t, storage);
  chat.send('lobby', 'hello');
  socket.refuse(socket.of('publish')[0], 'CHAT_TEXT_TOO_LONG');
  chat.discard('lobby', room().outgoing[0]!.id);
  assert.deepEqual(room().outgoing, []);
  t.mock.timers.reset();
  assert.deepEqual(openLobby(t, storage).room().outgoing, []);
});

test('sends messages written while disconnected in order after the reconnect, also after a reload', (t) => {
  const storage = new MemoryStorage();
  const { chat, socket } = openLobby(t, storage);
  socket.cut();
  for (const text of ['1', '2', '3']) chat.send('lobby', text);
  t.mock.timers.reset();

  const again = openLobby(t, storage);
  assert.deepEqual(
    again.room().outgoing.map(({ data, status }) => [data.text, status]),
    [
      ['1', 'pending'],
      ['2', 'pending'],
      ['3', 'pending'],
    ],
  );
  for (let offset = 4; offset <= 6; offset++) {
    const publish = again.socket.of('publish').at(-1);
    again.socket.receive(messageFrame(offset, me, String(publish?.['id'])));
    again.socket.reply(publish, { epoch: 'e1', offset, time: noon });
  }
  assert.deepEqual(
    again.socket.of('publish').map(({ data }) => data),
    [{ text: '1' }, { text: '2' }, { text: '3' }],
  );
  assert.deepEqual(again.room().outgoing, []);
  assert.equal(storage.length, 0);
});

/** What is unsent in the room r, and whether that is removed. */
function unsentIn(page: Page): unknown[] {
  const { isRemoved, outgoing } = page.room('r');
  return [isRemoved, outgoing.map(({ data, status, code }) => [data.text, status, code]), page.chat.drafts.get('r')];
}

test('unsent texts of a removed room stay with the reason, also after a reload, until they are discarded', async (t) => {
  const storage = new MemoryStorage();
  const first = openLobby(t, storage);
  const made = first.chat.makeRoom({ name: '读书' });
  first.socket.reply(first.socket.of('make-room')[0], { room: wireRoom({ id: 'r', name: '读书' }) });
  await made;
  first.socket.cut();
  first.chat.send('r', 'unsent');
  first.chat.drafts.set('r', 'half');
  t.mock.timers.tick(20_000);
  const next = first.sockets.at(-1)!;
  next.welcome(wireRoom());
  next.refuse(next.of('publish')[0], 'ROOM_UNKNOWN');
  const expected = [true, [['unsent', 'failed', 'ROOM_UNKNOWN']], 'half'];
  assert.deepEqual(unsentIn(first), expected);
  t.mock.timers.reset();

  const second = openLobby(t, storage);
  assert.deepEqual(unsentIn(second), expected);
  assert.equal(second.room('r').name, '读书');
  second.chat.discard('r', second.room('r').outgoing[0]!.id);
  second.chat.discardDraft('r');
  assert.deepEqual(unsentIn(second), [true, [], '']);
  t.mock.timers.reset();
  assert.equal(openLobby(t, storage).chat.store.value.rooms.has('r'), false);
});

test('a message that is refused for some seconds says how many, and is sent after them', (t) => {
  const { chat, socket } = openLobby(t);
  chat.send('lobby', 'one more');
  const error = { code: 'ROOM_TOO_FAST', message: '', retry: true, retryAfterMs: 3000 };
  socket.receive({ type: 'error', ref: socket.of('publish')[0]?.ref, ...error });
  const seconds = chat.messages.notice.value?.seconds ?? 0;
  assert.ok(seconds >= 3 && seconds < 6, `${seconds} seconds`);
  t.mock.timers.tick(1000 * (seconds - 1));
  assert.equal(socket.of('publish').length, 1);
  t.mock.timers.tick(1000);
  assert.equal(socket.of('publish').length, 2);
});

test('30 messages sent faster than the rate limit are shown as pending, then as sent, and never as failed', (t) => {
  const { chat, client, socket, room } = openLobby(t);
  const texts = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
  const statuses = new Set<string>();
  const notices = new Set<string>();
  chat.messages.notice.listen(() => notices.add(JSON.stringify(chat.messages.notice.value ?? null)));
  chat.store.listen(() => room().outgoing.forEach(({ status }) => statuses.add(status)));
  for (const text of texts) chat.send('lobby', text);
  assert.deepEqual(
    room().outgoing.map(({ data, status }) => `${data.text} ${status}`),
    texts.map((text) => `${text} pending`),
  );

  // The server accepts 10 at once and then 2 per second.
  let tokens = 10;
  let answered = 0;
  for (let ms = 0; client.outbox.length > 0 && ms < 60_000; ms += 100) {
    for (let publish = socket.of('publish')[answered]; publish; publish = socket.of('publish')[answered]) {
      answered++;
      if (tokens >= 1) {
        tokens--;
        socket.reply(publish, { epoch: 'e1', offset: 4 + 30 - client.outbox.length, time: noon, id: publish['id'] });
      } else {
        const fields = { code: 'ROOM_TOO_FAST', message: '', retry: true, retryAfterMs: Math.ceil((1 - tokens) * 500) };
        socket.receive({ type: 'error', ref: publish.ref, ...fields });
      }
    }
    t.mock.timers.tick(100);
    tokens = Math.min(10, tokens + 0.2);
  }
  assert.deepEqual(
    room().outgoing.map(({ data, status }) => `${data.text} ${status}`),
    texts.map((text) => `${text} stored`),
  );
  assert.deepEqual([...statuses], ['pending', 'stored']);
  t.mock.timers.tick(6000);
  assert.deepEqual([...notices], ['{"code":"ROOM_TOO_FAST","seconds":1}', 'null'], 'the page says when it goes on');
  assert.equal(chat.announcements.value.length, 0, 'nothing is announced');
});
