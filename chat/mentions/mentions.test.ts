import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Kysely } from 'kysely';
import type { Role, Tables } from '../database/tables.ts';
import { nameKey } from '../name.ts';
import { handleOf } from '../names/handle.ts';
import { personNameForms } from '../names/name-forms.ts';
import { describeDatabases, type OpenDatabase } from '../test/support/databases.ts';
import { checkMentions } from './check-mentions.ts';
import { describePeople, findPeople } from './find-people.ts';
import { listMentions, unreadMentions } from './mention-list.ts';
import {
  foundPeopleCount,
  maxMentions,
  maxUnreadMentions,
  mentionsPageCount,
  type MentionPlace,
} from './mention-wire.ts';

async function addPeople(tables: Kysely<Tables>, names: Readonly<Record<string, string>>, role: Role = 'member') {
  const people = Object.entries(names).map(([id, name]) => ({
    id,
    name,
    nameKey: nameKey(name),
    ...personNameForms(name),
    role,
    passwordHash: '',
    createdAt: 1,
  }));
  await tables.insertInto('person').values(people).execute();
}

async function addRoom(tables: Kysely<Tables>, id: string, members: readonly string[], readSeq = 0) {
  await tables
    .insertInto('room')
    .values({ id, kind: 'private', name: id, nameKey: id, madeBy: 'ada', madeAt: 1 })
    .execute();
  await tables
    .insertInto('member')
    .values(members.map((personId) => ({ roomId: id, personId, joinedAt: 1, readSeq })))
    .execute();
}

const messageOf = (seq: number, authorId: string) => ({
  roomId: 'talk',
  seq,
  authorId,
  messageId: `m${seq}`,
  text: 'hello',
  sentAt: seq,
  epoch: 'e',
  streamOffset: seq,
});

async function addMention(tables: Kysely<Tables>, personId: string, roomId: string, seq: number, sentAt = seq) {
  await tables
    .insertInto('message')
    .values({
      roomId,
      seq,
      authorId: 'bob',
      messageId: `m${seq}`,
      text: `<@${personId}> ${seq}`,
      sentAt,
      epoch: 'e',
      streamOffset: seq,
    })
    .execute();
  await tables.insertInto('mention').values({ personId, roomId, seq, sentAt }).execute();
}

const people = { ada: 'Ada', bob: 'Bob', zs: '张三', zsf: '张三丰', sx: '单雄信', zg: 'Zhang Gong' };

async function openWithPeople(open: OpenDatabase, t: TestContext): Promise<Kysely<Tables>> {
  const { tables } = await open(t);
  await addPeople(tables, people);
  await addRoom(tables, 'room', ['ada', 'zsf']);
  return tables;
}

describeDatabases('people to mention', (open) => {
  test('who spoke lately in the room are first, the last speaker before others, and better matches before both', async (t) => {
    const tables = await openWithPeople(open, t);
    await addRoom(tables, 'talk', ['ada', 'bob', 'zs', 'zsf', 'zg']);
    const found = async (text: string) =>
      (await findPeople(tables, { personId: 'ada', text, room: 'talk' })).map(({ id }) => id);
    assert.deepEqual(await found(''), ['ada', 'bob', 'zg', 'zs', 'zsf']);
    const older = Array.from({ length: 200 }, (_, index) => messageOf(index + 4, 'ada'));
    await tables
      .insertInto('message')
      .values([messageOf(1, 'zg'), messageOf(2, 'zsf'), messageOf(3, 'zs')])
      .execute();
    assert.deepEqual(await found(''), ['zs', 'zsf', 'zg', 'ada', 'bob']);
    assert.deepEqual(await found('zhangs'), ['zs', 'zsf']);
    assert.deepEqual(await found('张三丰'), ['zsf']);
    await tables.insertInto('message').values(older).execute();
    assert.deepEqual(await found(''), ['ada', 'bob', 'zg', 'zs', 'zsf'], 'the others spoke 200 messages ago');
  });

  test('are found by name, pinyin and initials, the members of the room first', async (t) => {
    const tables = await openWithPeople(open, t);
    const names = async (text: string, room?: string) => {
      const found = await findPeople(tables, { personId: 'ada', text, room });
      return found.map(({ name, member }) => (member ? name : `${name} (not in the room)`));
    };
    assert.deepEqual(await names('张', 'lobby'), ['张三', '张三丰']);
    assert.deepEqual(await names('zs', 'lobby'), ['张三', '张三丰']);
    assert.deepEqual(await names('zs', 'room'), ['张三丰', '张三 (not in the room)']);
    assert.deepEqual(await names('zhangs', 'lobby'), ['张三', '张三丰']);
    assert.deepEqual(await names('shan', 'lobby'), ['单雄信']);
    assert.deepEqual(await names('feng', 'lobby'), ['张三丰']);
    assert.deepEqual(await names('ng g', 'lobby'), ['Zhang Gong']);
    assert.deepEqual(await names('', 'room'), ['Ada', '张三丰']);
    assert.deepEqual(await names('%', 'lobby'), []);
    assert.deepEqual(await names('_', 'lobby'), []);
    assert.deepEqual(await names('b'), ['Bob (not in the room)']);
    assert.deepEqual(await names('\ud800'.repeat(70_000), 'lobby'), []);
  });

  test('are the first by name without a text, and without the members of a room for those who are added to it', async (t) => {
    const tables = await openWithPeople(open, t);
    const ids = async (text: string, outside?: string) =>
      (await findPeople(tables, { personId: 'ada', text, outside })).map(({ id }) => id);
    assert.deepEqual(await ids(''), ['ada', 'bob', 'zg', 'sx', 'zs', 'zsf']);
    assert.deepEqual(await ids('', 'room'), ['bob', 'zg', 'sx', 'zs']);
    assert.deepEqual(await ids('zhang', 'room'), ['zg', 'zs']);
  });

  test('are at most 20, and not those who left the chat', async (t) => {
    const { tables } = await open(t);
    await addPeople(tables, { ada: 'Ada' });
    await addPeople(tables, Object.fromEntries(Array.from({ length: 130 }, (_, at) => [`p${at}`, `Xu ${at}`])));
    await tables.updateTable('person').set({ deactivatedAt: 1 }).where('id', '=', 'p0').execute();
    await tables.updateTable('person').set({ deletedAt: 1 }).where('id', '=', 'p1').execute();
    const found = await findPeople(tables, { personId: 'ada', text: 'xu', room: 'lobby' });
    assert.equal(found.length, foundPeopleCount);
    const exact = await findPeople(tables, { personId: 'ada', text: 'xu 129', room: 'lobby' });
    assert.deepEqual(
      exact.map(({ id }) => id),
      ['p129'],
    );
    for (const gone of ['xu 0', 'xu 1']) {
      const names = (await findPeople(tables, { personId: 'ada', text: gone })).map(({ name }) => name.toLowerCase());
      assert.ok(!names.includes(gone), gone);
    }
  });

  test('are only those with whom a guest shares a room', async (t) => {
    const tables = await openWithPeople(open, t);
    await addPeople(tables, { guest: 'Guest' }, 'guest');
    await addRoom(tables, 'guests', ['guest', 'zs']);
    const ids = async (text: string, room?: string) => {
      const found = await findPeople(tables, { personId: 'guest', text, room });
      return found.map(({ id }) => id);
    };
    assert.deepEqual(await ids('zs', 'guests'), ['zs']);
    assert.deepEqual(await ids('zs'), ['zs']);
    assert.deepEqual(await ids('bob'), []);
    const described = await describePeople(tables, 'guest', ['guest', 'zs', 'bob', 'nobody']);
    assert.deepEqual(described.map(({ id }) => id).toSorted(), ['guest', 'zs']);
    // Whom a message of the room mentions may have left it.
    await addMention(tables, 'bob', 'guests', 1);
    await addMention(tables, 'sx', 'room', 1);
    await tables.updateTable('person').set({ name: '', deletedAt: 1 }).where('id', '=', 'zg').execute();
    const mentioned = await describePeople(tables, 'guest', ['bob', 'sx', 'zg']);
    assert.deepEqual(mentioned.map(({ id, name }) => [id, name]).toSorted(), [
      ['bob', 'Bob'],
      ['zg', ''],
    ]);
    assert.deepEqual(await ids('bob'), []);
    // The guest is not in the lobby, so they are found there after its members.
    const [found] = await findPeople(tables, { personId: 'ada', text: 'guest', room: 'lobby' });
    assert.deepEqual(found, { id: 'guest', name: 'Guest', role: 'guest', member: false });
  });

  test('have a handle if their names look alike', async (t) => {
    const tables = await openWithPeople(open, t);
    assert.deepEqual(await describePeople(tables, 'bob', ['ada']), [{ id: 'ada', name: 'Ada', role: 'member' }]);
    await addPeople(tables, { cyrillic: 'Аda' });
    const found = await describePeople(tables, 'bob', ['ada', 'cyrillic', 'bob']);
    assert.deepEqual(
      found.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, handle }) => [id, handle]),
      [
        ['ada', handleOf('ada')],
        ['bob', undefined],
        ['cyrillic', handleOf('cyrillic')],
      ],
    );
  });
});

/** A text of Ada. */
function by(roomId: string, text: string, authorId = 'ada') {
  return { roomId, authorId, text };
}

/** A text with mentions of different people. */
function textOf(count: number): string {
  return Array.from({ length: count }, (_, at) => `<@p${at}>`).join(' ');
}

describeDatabases('mentions of a text', (open) => {
  test('are the members of the room, in the order of the text', async (t) => {
    const tables = await openWithPeople(open, t);
    await addPeople(tables, { guest: 'Guest' }, 'guest');
    const text = '<@zsf> <@bob> <@nobody> <@ada> <@guest> <@all>';
    assert.deepEqual(await checkMentions(tables, by('room', text)), ['zsf', 'ada', 'all']);
    assert.deepEqual(await checkMentions(tables, by('lobby', text)), ['zsf', 'bob', 'ada', 'all']);
    assert.deepEqual(await checkMentions(tables, by('room', 'hello')), []);
    assert.deepEqual(await checkMentions(tables, by('room', '`<@ada>`')), []);
  });

  test('are not those who left the room, deleted their account or were deactivated', async (t) => {
    const tables = await openWithPeople(open, t);
    const text = '<@zsf> <@ada> <@bob>';
    await tables.deleteFrom('member').where('roomId', '=', 'room').where('personId', '=', 'zsf').execute();
    assert.deepEqual(await checkMentions(tables, by('room', text)), ['ada']);
    assert.deepEqual(await checkMentions(tables, by('lobby', text)), ['zsf', 'ada', 'bob']);
    await tables.updateTable('person').set({ deletedAt: 1 }).where('id', '=', 'bob').execute();
    assert.deepEqual(await checkMentions(tables, by('lobby', text)), ['zsf', 'ada']);
    await tables.updateTable('person').set({ deactivatedAt: 1 }).where('id', '=', 'zsf').execute();
    assert.deepEqual(await checkMentions(tables, by('lobby', text)), ['ada']);
  });

  test('are refused if they are of more than 50 people', async (t) => {
    const tables = await openWithPeople(open, t);
    assert.deepEqual(await checkMentions(tables, by('room', `${textOf(maxMentions)} <@all> <@p0>`)), ['all']);
    for (const count of [maxMentions + 1, 500]) {
      await assert.rejects(checkMentions(tables, by('room', textOf(count))), {
        code: 'CHAT_MENTIONS',
        message: `The text mentions ${count} people; at most 50 are allowed.`,
      });
    }
  });
});

describeDatabases('a mention of everybody', (open) => {
  test('is for owners and administrators in a room of more than 50 people, of which deactivated ones do not count', async (t) => {
    const tables = await openWithPeople(open, t);
    const members = Array.from({ length: 51 }, (_, at) => `m${at}`);
    await addPeople(tables, Object.fromEntries(members.map((id) => [id, id])));
    await addPeople(tables, { root: 'Root' }, 'administrator');
    await addRoom(tables, 'big', members);
    const owner = { role: 'owner' } as const;
    await tables.updateTable('member').set(owner).where('roomId', '=', 'big').where('personId', '=', 'm1').execute();
    const all = (authorId: string, roomId = 'big') => checkMentions(tables, by(roomId, 'all: <@all>', authorId));
    for (const [person, room] of [
      ['m0', 'big'],
      ['m1', 'lobby'],
    ] as const) {
      await assert.rejects(all(person, room), { code: 'CHAT_MENTION_ALL', message: /^The room has 5\d people;/ });
    }
    assert.deepEqual(await all('m1'), ['all']);
    assert.deepEqual(await all('root', 'lobby'), ['all']);
    assert.deepEqual(await checkMentions(tables, by('big', '`<@all>` <@m2>', 'm0')), ['m2']);
    await tables.updateTable('person').set({ deactivatedAt: 1 }).where('id', '=', 'm50').execute();
    assert.deepEqual(await all('m0'), ['all']);
  });
});

describeDatabases('the list of mentions', (open) => {
  test('has pages, newest first, without deleted messages and rooms that the person left', async (t) => {
    const tables = await openWithPeople(open, t);
    await addRoom(tables, 'left', ['bob']);
    await addMention(tables, 'ada', 'left', 1, 50);
    for (let seq = 1; seq <= mentionsPageCount + 5; seq++) await addMention(tables, 'ada', 'room', seq, 10);
    await addMention(tables, 'ada', 'lobby', 1, 20);
    await addMention(tables, 'bob', 'lobby', 2, 20);
    await tables
      .updateTable('message')
      .set({ deletedAt: 1, text: '' })
      .where('roomId', '=', 'room')
      .where('seq', '=', 3)
      .execute();
    const seen: string[] = [];
    let after: MentionPlace | undefined;
    for (let page = 0; page < 2; page++) {
      const { mentions, next } = await listMentions(tables, 'ada', after);
      seen.push(...mentions.map(({ room, seq }) => `${room} ${seq}`));
      assert.equal(next === null, page === 1);
      after = next ?? undefined;
    }
    const expected = Array.from({ length: mentionsPageCount + 5 }, (_, at) => mentionsPageCount + 5 - at);
    assert.deepEqual(seen, ['lobby 1', ...expected.filter((seq) => seq !== 3).map((seq) => `room ${seq}`)]);
    const { mentions } = await listMentions(tables, 'ada', undefined);
    assert.deepEqual(mentions[0], {
      room: 'lobby',
      seq: 1,
      author: { id: 'bob', name: 'Bob' },
      time: 20,
      text: '<@ada> 1',
      unread: true,
    });
  });

  test('a guest has no mentions in the lobby', async (t) => {
    const tables = await openWithPeople(open, t);
    await addPeople(tables, { guest: 'Guest' }, 'guest');
    await addMention(tables, 'guest', 'lobby', 1);
    assert.deepEqual(await listMentions(tables, 'guest', undefined), { mentions: [], next: null });
  });

  test('unread ones are those after the read position, the newest of each room', async (t) => {
    const tables = await openWithPeople(open, t);
    await tables.updateTable('member').set({ readSeq: 2 }).where('roomId', '=', 'room').execute();
    for (let seq = 1; seq <= 4; seq++) await addMention(tables, 'ada', 'room', seq);
    await addRoom(tables, 'busy', ['ada']);
    for (let seq = 1; seq <= maxUnreadMentions + 2; seq++) await addMention(tables, 'ada', 'busy', seq);
    const unread = await unreadMentions({ tables }, 'ada');
    assert.deepEqual(unread.get('room'), [3, 4]);
    assert.deepEqual(unread.get('busy')?.length, maxUnreadMentions);
    assert.equal(unread.get('busy')?.[0], 3);
    assert.equal((await unreadMentions({ tables }, 'bob')).size, 0);
  });
});
