/** What one person cannot do often: commands and forms that cost much, or that many people are notified of. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat } from './support/app.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';

/** Repeats commands in turn. @returns How many were accepted before the first that was too fast. */
async function countUntilRefused(
  window: RawSocket | undefined,
  commands: readonly (readonly [string, object])[],
): Promise<number> {
  for (let count = 0; ; count++) {
    const [type, fields] = commands[count % commands.length] ?? ['ping', {}];
    const reply = await window?.ask(type, fields);
    if (reply?.['type'] === 'reply') continue;
    assert.deepEqual([reply?.['code'], reply?.['retry']], ['ROOM_TOO_FAST', true], type);
    assert.ok(Number(reply?.['retryAfterMs']) > 0);
    return count;
  }
}

test('searches and changes of rooms count as several commands, and the wait of a refusal is right', async (t) => {
  const chat = await serveChat(t, { rooms: { presenceGraceMs: 0, commandsPerSecond: 0.001 } });
  const ann = await RawSocket.open(await chat.person('Ann'));
  const { id: room } = (await ann.do('make-room', { name: 'Tea' }))['room'] as Frame;
  const names = ['Searcher', 'Joiner', 'Reader'];
  const [searcher, joiner, reader] = await Promise.all(
    names.map(async (name) => RawSocket.open(await chat.person(name))),
  );
  const searches = [
    ['directory', { query: 'a' }],
    ['find-people', { room: 'lobby', text: 'a' }],
    ['members', { room: 'lobby' }],
  ] as const;
  assert.equal(await countUntilRefused(searcher, searches), 12);
  const changes = [
    ['join-room', { room }],
    ['leave-room', { room }],
  ] as const;
  assert.equal(await countUntilRefused(joiner, changes), 6);
  // The same room a thousand times is one position, and so one event.
  const repeated = Array.from({ length: 1000 }, (_, seq) => ({ room: 'lobby', seq }));
  await reader?.do('set-read', { positions: repeated });
  await reader?.do('ping');
  const seen = reader?.frames.filter(({ type }) => type === 'seen') ?? [];
  assert.deepEqual(
    seen.map(({ seq, exact }) => [seq, exact]),
    [[999, true]],
  );
  // 58 commands are left. Each of these counts as 1 + 2.
  const { tables } = chat.database;
  const { id: personId } = await tables
    .selectFrom('person')
    .select('id')
    .where('name', '=', 'Reader')
    .executeTakeFirstOrThrow();
  const rooms = Array.from({ length: 100 }, (_, at) => `r${at}`);
  await tables
    .insertInto('room')
    .values(
      rooms.map((id) => ({
        id,
        kind: 'private' as const,
        name: id,
        nameKey: id,
        madeBy: personId,
        madeAt: 1,
        kept: 1,
      })),
    )
    .execute();
  await tables
    .insertInto('member')
    .values(rooms.map((roomId) => ({ roomId, personId, joinedAt: 1, readSeq: 0 })))
    .execute();
  const positions = rooms.map((each) => ({ room: each, seq: 0 }));
  assert.equal(await countUntilRefused(reader, [['set-read', { positions }]]), 19);
});

test('a person changes their name and picture 20 times in an hour; the form says how long to wait', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  const rename = (name: string): Promise<Response> => ann.submit('/settings/profile', { name }, '/settings');
  for (let count = 1; count <= 19; count++) assert.equal((await rename(`Ann ${count}`)).status, 303, `${count}`);
  // A refused name does not count.
  assert.equal((await rename(' ')).status, 400);
  assert.equal((await ann.submit('/settings/picture', { remove: 'yes' }, '/settings')).status, 303);
  for (const [path, fields] of [
    ['/settings/profile', { name: 'One more' }],
    ['/settings/picture', { remove: 'yes' }],
  ] as const) {
    const refused = await ann.submit(path, fields, '/settings');
    assert.equal(refused.status, 429, path);
    const seconds = Number(refused.headers.get('retry-after'));
    assert.ok(seconds > 3500 && seconds <= 3600, `${seconds}`);
    assert.match(await refused.text(), /in about 60 minutes|too much at once/);
  }
  assert.match(await (await ann.get('/settings')).text(), /value="Ann 19"/);
  assert.equal((await (await chat.person('Bob')).submit('/settings/profile', { name: 'Bo' }, '/settings')).status, 303);
});

test('an owner cannot fill the log of administration with changes of a room', async (t) => {
  const chat = await serveChat(t, { rooms: { presenceGraceMs: 0, commandBurst: 100_000 } });
  const ann = await RawSocket.open(await chat.person('Ann'));
  const { id: room } = (await ann.do('make-room', { name: 'Tea' }))['room'] as Frame;
  for (let count = 1; count <= 60; count++) {
    await ann.do('change-room', { room, name: `Tea ${count}` });
    await ann.do('archive-room', { room, archived: count % 2 === 1 });
  }
  for (const [type, fields] of [
    ['change-room', { room, name: 'Coffee' }],
    ['change-room', { room, topic: 'green' }],
    ['archive-room', { room, archived: true }],
  ] as const) {
    assert.equal((await ann.ask(type, fields))['code'], 'CHAT_CHANGES_TOO_FAST', type);
  }
  const entries = await chat.database.tables
    .selectFrom('audit')
    .select('id')
    .where('action', 'like', 'room.%')
    .execute();
  assert.equal(entries.length, 120);
});
