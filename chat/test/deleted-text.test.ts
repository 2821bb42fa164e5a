/** The text of a deleted message, and the one before an edit, are nowhere any more: not in the tables, the streams, the files or any reply. */
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { SqliteBroker } from 'gale';
import { openSqlite } from '../database/database.ts';
import { serveChat } from './support/app.ts';
import { temporaryFolder } from './support/chat-server.ts';
import { RawSocket } from './support/raw-socket.ts';
import { until } from './support/until.ts';

/** Every value of every table of a file. */
function dump(path: string): string {
  const file = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = file.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    return JSON.stringify(
      tables.map(({ name }) => file.prepare(`SELECT * FROM "${String(name)}"`).all()),
      (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value),
    );
  } finally {
    file.close();
  }
}

test('a deleted text and one before an edit are in no table, stream, file and reply', async (t) => {
  const folder = await temporaryFolder(t);
  const paths = [join(folder, 'database.sqlite'), join(folder, 'rooms.sqlite')];
  const database = await openSqlite(paths[0] ?? '');
  const broker = await SqliteBroker.open({ path: paths[1] ?? '' });
  const chat = await serveChat(t, { database, broker, rooms: { presenceGraceMs: 0, personPublishBurst: 1000 } });
  const ann = await RawSocket.open(await chat.person('Ann'));
  const bobPerson = await chat.person('Bob');
  const bob = await RawSocket.open(bobPerson);
  const { id: bobId } = await database.tables
    .selectFrom('person')
    .select('id')
    .where('name', '=', 'Bob')
    .executeTakeFirstOrThrow();
  const room = 'lobby';
  await ann.do('subscribe', { room });
  const texts = [`SECRET-short <@${bobId}>`, `SECRET-long ${'long text '.repeat(900)} <@all>`, '# SECRET-edited'];
  for (const [index, text] of texts.entries()) await ann.do('publish', { room, id: `m${index}`, data: { text } });
  await bob.do('publish', { room, id: 'reply', data: { text: 'what?', reply: 1 } });
  await bob.do('react', { room, seq: 1, emoji: '👍', on: true });
  await until(async () => dump(paths[0] ?? '').includes('SECRET'));
  assert.match(dump(paths[1] ?? ''), /SECRET/);

  await ann.do('delete-message', { room, seq: 1 });
  await ann.do('delete-message', { room, seq: 2, recall: true });
  await ann.do('edit-message', { room, seq: 3, text: 'calm words' });
  // Windows that open now, and everything that they can ask for.
  const late = [await RawSocket.open(await chat.person('Cleo')), await RawSocket.open(bobPerson)];
  for (const window of late) await window.do('subscribe', { room });
  for (const [type, fields] of [
    ['history', { room }],
    ['read-history', { room }],
    ['read-history', { room, around: 1 }],
    ['get-messages', { room, seqs: [1, 2, 3, 4] }],
    ['list-pins', { room }],
    ['list-mentions', {}],
    ['who-reacted', { room, seq: 1, emoji: '👍' }],
  ] as const) {
    for (const window of late) await window.do(type, fields);
  }
  for (const window of late) {
    await window.frame({ type: 'message', id: 'm2' });
    assert.doesNotMatch(JSON.stringify(window.frames), /SECRET/);
    assert.match(JSON.stringify(window.frames), /calm words/);
  }

  for (const path of paths) assert.doesNotMatch(dump(path), /SECRET/, path);
  await chat.stop();
  await broker.close();
  await database.close();
  // The end of a store writes its log into the file.
  for (const name of await readdir(folder)) {
    const bytes = await readFile(join(folder, name), 'latin1');
    assert.equal(bytes.includes('SECRET'), false, name);
  }
});
