/** The messages that the page itself contains: they are visible before the page is connected, and the connection goes on from there. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Opening } from '../wire.ts';
import { serveBuilt } from './support/built-app.ts';
import type { Visitor } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket } from './support/raw-socket.ts';
import { SocketProxy } from './support/socket-proxy.ts';
import { until } from './support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

const quiet = { limits: 'off', log: { debug() {}, info() {}, warn() {}, error() {} } } as const;

/** What the page has of a room; undefined for nothing. @param room - The value of the cookie; undefined for none. */
async function openingOf(visitor: Visitor, room?: string): Promise<Opening | undefined> {
  if (room === undefined) visitor.cookies.delete('room');
  else visitor.cookies.set('room', room);
  const response = await visitor.get('/');
  assert.equal(response.status, 200);
  const [, found] = /data-opening="([^"]*)"/.exec(await response.text()) ?? [];
  if (found === undefined) return undefined;
  const entities: Readonly<Record<string, string>> = { quot: '"', '#39': "'", amp: '&', lt: '<', gt: '>' };
  return JSON.parse(found.replaceAll(/&(quot|#39|amp|lt|gt);/g, (_, name: string) => entities[name]!)) as Opening;
}

/** Publishes and waits until the history has all messages so far. */
async function say(window: RawSocket, room: string, from: number, to: number, text = 'text'): Promise<void> {
  for (let number = from; number <= to; number++)
    await window.do('publish', { room, id: `m${number}`, data: { text: `${text} ${number}` } });
  await until(async () => (await window.do('read-history', { room }))['top'] === to);
}

test('the page has the newest 100 messages of the lobby, and the position of the last one', async (t) => {
  const { person } = await serveBuilt(t, quiet);
  const ann = await person('Ann');
  assert.equal(await openingOf(ann), undefined, 'a room without messages');
  const socket = await RawSocket.open(ann);
  await say(socket, 'lobby', 1, 130, '<b>"&amp;');
  await socket.do('seen', { room: 'lobby', seq: 130 });
  const opening = (await openingOf(ann))!;
  assert.equal(opening.room.id, 'lobby');
  assert.deepEqual([opening.room.top, opening.room.topSeq, opening.at.offset, opening.first], [130, 130, 130, 1]);
  assert.deepEqual(
    opening.messages.map(({ seq, offset }) => [seq, offset]),
    Array.from({ length: 100 }, (_, index) => [index + 31, index + 31]),
  );
  assert.equal(opening.messages.at(-1)?.data.text, '<b>"&amp; 130');
  assert.equal(opening.me.name, 'Ann');
  assert.equal(opening.part, undefined);
});

test('a page that is opened right after messages were sent has them, although the history copies them a moment later', async (t) => {
  const { person } = await serveBuilt(t, { ...quiet, rooms: { commandBurst: 10_000 } });
  const ann = await person('Ann');
  const bob = await RawSocket.open(await person('Bob'));
  for (let sent = 40; sent <= 400; sent += 40) {
    await Promise.all(
      Array.from({ length: 40 }, (_, at) =>
        bob.do('publish', { room: 'lobby', id: `m${sent - at}`, data: { text: 'at once' } }),
      ),
    );
    const opening = (await openingOf(ann))!;
    assert.deepEqual([opening.room.topSeq, opening.messages.at(-1)?.seq, opening.room.readSeq], [sent, sent, 0]);
  }
});

test('messages that are longer than 32 KiB together are fewer, and unread ones above them come as a part', async (t) => {
  const { person } = await serveBuilt(t, quiet);
  const ann = await person('Ann');
  const bob = await RawSocket.open(await person('Bob'));
  await say(bob, 'lobby', 1, 30, 'x'.repeat(100));
  assert.equal((await openingOf(ann))?.messages.length, 30);
  assert.equal((await openingOf(ann))?.room.readSeq, 0);
  await say(bob, 'lobby', 31, 140, 'y'.repeat(800));
  const opening = (await openingOf(ann))!;
  const { length } = opening.messages;
  assert.ok(length > 28 && length < 40, `${length}`);
  assert.deepEqual(
    opening.messages.map(({ seq }) => seq),
    Array.from({ length }, (_, index) => 140 - length + 1 + index),
  );
  assert.deepEqual(
    opening.part?.messages.map(({ seq }) => seq),
    Array.from({ length: 50 }, (_, index) => index + 1),
  );
  await say(bob, 'lobby', 141, 150, 'z'.repeat(9000));
  assert.ok((await openingOf(ann))!.messages.length <= 3);
});

test('a cookie that names a foreign room, none at all or nonsense gets nothing of it', async (t) => {
  const { person } = await serveBuilt(t, quiet);
  const [ann, bob] = [await person('Ann'), await person('Bob')];
  const socket = await RawSocket.open(ann);
  const { room } = (await socket.do('make-room', { name: 'Secret', kind: 'private' })) as { room: { id: string } };
  await say(socket, room.id, 1, 3);
  assert.equal((await openingOf(ann, room.id))?.messages.length, 3);
  for (const cookie of [room.id, 'unknown', '', '%00', 'a'.repeat(3000), "x' OR 1=1 --"])
    assert.equal(await openingOf(bob, cookie), undefined, cookie);
});

test('the page shows messages before it is connected, and goes on from there', async (t) => {
  const chat = await serveBuilt(t, quiet);
  const bob = await RawSocket.open(await chat.person('Bob'));
  const ada = await ChatWindow.open(t, browser, chat.url);
  await ada.register('Ada');
  const { room } = (await bob.do('make-room', { name: 'Tea' })) as { room: { id: string } };
  await say(bob, room.id, 1, 8);
  await ada.page.goto(`${chat.url}/#/rooms/${room.id}`);
  await ada.page.reload();
  await ada.page.getByRole('button', { name: 'Join' }).click();
  await ada.seeTexts(['text 1', 'text 2', 'text 3', 'text 4', 'text 5', 'text 6', 'text 7', 'text 8']);

  const proxy = await SocketProxy.open(ada.page);
  proxy.cut();
  await ada.page.reload();
  await ada.seeTexts(['text 1', 'text 2', 'text 3', 'text 4', 'text 5', 'text 6', 'text 7', 'text 8']);
  // What happens before the connection comes with it.
  await bob.do('edit-message', { room: room.id, seq: 8, text: 'eight' });
  await bob.do('delete-message', { room: room.id, seq: 7 });
  await say(bob, room.id, 9, 9);
  await ada.say('mine');
  await proxy.restore();
  await ada.log.getByText('text 9').waitFor();
  await ada.log.getByText('eight').waitFor();
  await ada.log.getByText('mine').waitFor();
  await until(async () => (await ada.log.getByText('text 7').count()) === 0);
  assert.equal(await ada.log.getByText('text 1', { exact: true }).count(), 1);
  assert.ok(!(await ada.page.content()).includes('text 7'), 'nothing of it is left in the page');
});

test('a link to an older message that is opened before the page is connected waits for the connection', async (t) => {
  const chat = await serveBuilt(t, quiet);
  const bob = await RawSocket.open(await chat.person('Bob'));
  const ada = await ChatWindow.open(t, browser, chat.url);
  await say(bob, 'lobby', 1, 160);
  await ada.register('Ada');
  await ada.log.getByText('text 160', { exact: true }).waitFor();
  const proxy = await SocketProxy.open(ada.page);
  proxy.cut();
  await ada.page.reload();
  await ada.log.getByText('text 160', { exact: true }).waitFor();
  await ada.page.evaluate(() => (location.hash = '#/rooms/lobby/5'));
  await ada.page.locator('.banner').waitFor();
  assert.equal(await ada.page.locator('.notice-place').textContent(), '');
  await proxy.restore();
  await ada.log.locator('[data-lit]').getByText('text 5', { exact: true }).waitFor();
});
