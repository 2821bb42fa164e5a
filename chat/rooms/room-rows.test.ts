import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { ChatDatabase, Step } from '../database/database.ts';
import type { RoomKind } from '../database/tables.ts';
import type { ChatError } from '../errors.ts';
import { pinyinForms } from '../pinyin/pinyin.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { until } from '../test/support/until.ts';
import { DatabaseRooms } from './database-rooms.ts';
import { DirectRooms } from './direct-rooms.ts';
import { Members } from './members.ts';
import { listOwnRooms } from './own-rooms.ts';
import { pageOfPublicRooms } from './public-rooms.ts';
import { canAddPeople, canLeave, canManage, canSetTopic, findAccess } from './room-access.ts';
import {
  directoryPageCount,
  maxDirectPeople,
  maxDirectPerHour,
  maxRoomsOfPerson,
  maxRoomsWithAdded,
  removedAtOnce,
} from './room-bounds.ts';
import { RoomChanges, type RoomChange } from './room-changes.ts';

/** Adds people whose ids are their names in small letters. */
async function addPeople({ tables }: ChatDatabase, ...names: string[]): Promise<void> {
  await tables
    .insertInto('person')
    .values(
      names.map((name) => ({
        id: name.toLowerCase(),
        name,
        nameKey: name.toLowerCase(),
        passwordHash: '$',
        createdAt: 1,
        ...pinyinForms(name),
      })),
    )
    .execute();
}

/** Statements of PostgreSQL that wait for a lock. One transaction sees the same ones until its end. */
async function countWaiting(step: Step): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*) AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`.execute(step);
  return rows[0]?.count ?? 0;
}

/** A change of the name. */
function named(name: string): RoomChange {
  return { name: { name, nameKey: name.toLowerCase(), ...pinyinForms(name, 'room') } };
}

interface AddedRoom {
  readonly kind?: RoomKind;
  readonly topic?: string;
  readonly lastAt?: number;
  readonly owner?: string;
  readonly others?: readonly string[];
}

/** Adds a room whose id is its name. */
async function addRoom(database: ChatDatabase, name: string, room: AddedRoom = {}): Promise<void> {
  const { kind = 'public', topic = '', lastAt = null, owner = 'ann', others = [] } = room;
  await database.tables
    .insertInto('room')
    .values({
      id: name,
      kind,
      name,
      nameKey: name.toLowerCase(),
      topic,
      lastAt,
      madeBy: owner,
      madeAt: 1,
      topSeq: 7,
      ...pinyinForms(name, 'room'),
    })
    .execute();
  await database.tables
    .insertInto('member')
    .values(
      [owner, ...others].map((personId, index) => ({
        roomId: name,
        personId,
        joinedAt: index,
        role: personId === owner ? ('owner' as const) : ('member' as const),
      })),
    )
    .execute();
}

describeDatabases('rooms', (open) => {
  test('an unknown room and a private room of others are the same', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob', 'Gus', 'Root');
    await database.tables.updateTable('person').set({ role: 'guest' }).where('id', '=', 'gus').execute();
    await database.tables.updateTable('person').set({ role: 'administrator' }).where('id', '=', 'root').execute();
    await addRoom(database, 'open');
    await addRoom(database, 'secret', { kind: 'private' });
    for (const id of ['nowhere', 'secret', 'x'.repeat(101), '']) {
      assert.equal(await findAccess(database, id, 'bob'), undefined, id);
      assert.equal(await findAccess(database, id, 'root'), undefined, id);
    }
    const mine = await findAccess(database, 'secret', 'ann');
    assert.equal(mine?.role, 'owner');
    assert.ok(canManage(mine) && canAddPeople(mine) && canLeave(mine));
    const outside = await findAccess(database, 'open', 'bob');
    assert.equal(outside?.isMember, false);
    assert.ok(!canManage(outside) && !canAddPeople(outside));
    const root = await findAccess(database, 'open', 'root');
    assert.ok(root && canManage(root));
    assert.equal(await findAccess(database, 'open', 'gus'), undefined, 'a guest sees only rooms that they are in');
    assert.equal(await findAccess(database, 'lobby', 'gus'), undefined);
    const lobby = await findAccess(database, 'lobby', 'bob');
    assert.ok(lobby?.isMember && !canManage(lobby) && !canSetTopic(lobby) && !canLeave(lobby));
    const lobbyOfRoot = await findAccess(database, 'lobby', 'root');
    assert.ok(lobbyOfRoot && canSetTopic(lobbyOfRoot) && !canManage(lobbyOfRoot));
    assert.equal(await findAccess(database, 'lobby', 'nobody'), undefined);
  });

  test('the same set of people is the same conversation, in any order, from both sides and at the same time', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob', 'Cy');
    const direct = new DirectRooms(database);
    const opened = await Promise.all([
      direct.open('ann', ['bob']),
      direct.open('bob', ['ann']),
      direct.open('ann', ['bob', 'ann', 'bob']),
    ]);
    assert.equal(new Set(opened.map(({ id }) => id)).size, 1);
    // One call put it into the list of Ann, and one into that of Bob.
    assert.equal(opened.filter(({ isNew }) => isNew).length, 2);
    assert.equal(opened[1].isNew, true);
    const three = await direct.open('cy', ['bob', 'ann']);
    assert.equal((await direct.open('ann', ['cy', 'bob'])).id, three.id);
    assert.notEqual(three.id, opened[0].id);
    assert.equal(
      (await direct.open('ann', ['cy', 'bob'])).isNew,
      false,
      'the list of Ann has it since the call before',
    );
    const note = await direct.open('ann', []);
    assert.deepEqual(note.people, ['ann']);
    assert.equal((await direct.open('ann', ['ann'])).id, note.id);
    const [, ...rooms] = await listOwnRooms(database, 'ann');
    assert.deepEqual(rooms.map(({ people }) => people?.map(({ name }) => name)).sort(), [
      ['Ann'],
      ['Ann', 'Bob'],
      ['Ann', 'Bob', 'Cy'],
    ]);
    assert.equal(await findAccess(database, three.id, 'dan'), undefined);
    const access = await findAccess(database, three.id, 'cy');
    assert.ok(access?.isMember && !canManage(access) && !canAddPeople(access) && !canLeave(access));
  });

  test('a conversation without a message is in the list of those who opened it, and counts for them only', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob', ...Array.from({ length: maxRoomsWithAdded }, (_, index) => `P${index}`));
    const direct = new DirectRooms(database);
    const members = new Members(database);
    const listOf = async (id: string): Promise<string[]> =>
      (await listOwnRooms(database, id)).filter(({ kind }) => kind === 'direct').map((room) => room.id);
    // Others opened as many conversations with Bob as a person can have.
    const rooms = Array.from({ length: maxRoomsWithAdded }, (_, index) => ({
      id: `d${index}`,
      kind: 'direct' as const,
      name: '',
      peopleKey: `bob p${index}`,
      madeBy: `p${index}`,
      madeAt: 1,
    }));
    await database.tables.insertInto('room').values(rooms).execute();
    const rows = rooms.flatMap(({ id: roomId, madeBy }) => [
      { roomId, personId: madeBy, joinedAt: 1, role: 'owner' as const },
      { roomId, personId: 'bob', joinedAt: 1, role: 'member' as const },
    ]);
    await database.tables.insertInto('member').values(rows).execute();
    assert.deepEqual(await listOf('bob'), []);
    assert.deepEqual(await listOf('p0'), ['d0']);
    await addRoom(database, 'tea');
    assert.deepEqual(await members.add('tea', ['bob'], 'bob'), ['bob'], 'Bob joins rooms');
    const made = { id: 'own', name: 'Own', nameKey: 'own', madeBy: 'bob', madeAt: 1 };
    assert.equal(await new DatabaseRooms(database).add(made, { most: 10, maxOfPerson: 10, since: 0 }), 'added');
    const { id } = await direct.open('ann', ['bob']);
    await members.assertShowable(id, 'ann');

    assert.equal((await direct.open('bob', ['p0'])).isNew, true, 'Bob opens one of them too');
    assert.deepEqual(await listOf('bob'), ['d0']);
    await database.tables.updateTable('room').set({ topSeq: 1 }).where('id', '=', 'd1').execute();
    assert.deepEqual((await listOf('bob')).sort(), ['d0', 'd1']);
    assert.equal((await direct.open('bob', ['p1'])).isNew, false);

    // All have a message: Bob can be in no other.
    await database.tables
      .updateTable('room')
      .set({ topSeq: 1 })
      .where('kind', '=', 'direct')
      .where('id', '<>', id)
      .execute();
    assert.equal((await listOf('bob')).length, maxRoomsWithAdded);
    await assert.rejects(members.assertShowable(id, 'ann'), { code: 'CHAT_PERSON_FULL' });
    await assert.rejects(direct.open('bob', ['ann']), { code: 'CHAT_ROOMS_OF_PERSON' });
  });

  test('a conversation has at most eight people, who exist, and one person opens only some in an hour', async (t) => {
    const database = await open(t);
    const names = Array.from({ length: maxDirectPerHour + 2 }, (_, index) => `P${index}`);
    await addPeople(database, ...names);
    const ids = names.map((name) => name.toLowerCase());
    let now = 1_000_000;
    const direct = new DirectRooms(database, () => now);
    await assert.rejects(direct.open('p0', ids.slice(1, maxDirectPeople + 1)), { code: 'CHAT_DIRECT_PEOPLE' });
    await assert.rejects(direct.open('p0', ['nobody']), { code: 'CHAT_PERSON_UNKNOWN' });
    await database.tables.updateTable('person').set({ deactivatedAt: 1 }).where('id', '=', 'p1').execute();
    await assert.rejects(direct.open('p0', ['p1']), { code: 'CHAT_PERSON_UNKNOWN' });
    await database.tables.updateTable('person').set({ deactivatedAt: null }).where('id', '=', 'p1').execute();
    await direct.open('p0', ids.slice(1, maxDirectPeople));
    now += 120_000;
    for (let index = 1; index < maxDirectPerHour; index++) await direct.open('p0', [ids[index]!]);
    now += 1000;
    await assert.rejects(direct.open('p0', [ids.at(-1)!]), {
      code: 'CHAT_ROOMS_TOO_FAST',
      message: 'You made 60 new direct conversations in an hour; the next is possible in 58 min.',
      retryAfterMs: 3_600_000 - 121_000,
    });
    await direct.open('p0', ['p1']);
    now += 3_600_000 - 121_000;
    await direct.open('p0', [ids.at(-1)!]);
  });

  test('people are added all or none, without unread messages, and a room that others join is kept', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob', 'Cy');
    await addRoom(database, 'tea');
    const members = new Members(database, () => 50);
    await assert.rejects(members.add('tea', ['bob', 'nobody'], 'ann'), { code: 'CHAT_PERSON_UNKNOWN' });
    assert.deepEqual(await members.ids('tea'), ['ann']);
    assert.deepEqual(await members.add('tea', ['bob', 'ann', 'bob'], 'ann'), ['bob']);
    const row = await database.tables.selectFrom('member').selectAll().where('personId', '=', 'bob').executeTakeFirst();
    assert.deepEqual([row?.readSeq, row?.role, row?.joinedAt], [7, 'member', 50]);
    const { kept } = await database.tables
      .selectFrom('room')
      .select('kept')
      .where('id', '=', 'tea')
      .executeTakeFirstOrThrow();
    assert.equal(kept, 1);
    assert.equal(await members.add('nowhere', ['bob'], 'bob'), undefined);
    const both = await Promise.all([members.add('tea', ['cy'], 'ann'), members.add('tea', ['cy'], 'cy')]);
    assert.deepEqual(both.flat(), ['cy'], 'one of two calls adds the person');
  });

  test('a person who is in many rooms cannot join more', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob');
    await database.tables
      .insertInto('room')
      .values(
        Array.from({ length: maxRoomsOfPerson + 1 }, (_, index) => ({
          id: `r${index}`,
          kind: 'public' as const,
          name: `r${index}`,
          madeBy: 'ann',
          madeAt: 1,
        })),
      )
      .execute();
    const joined = Array.from({ length: maxRoomsOfPerson }, (_, index) => ({
      roomId: `r${index}`,
      personId: 'bob',
      joinedAt: 1,
    }));
    await database.tables.insertInto('member').values(joined).execute();
    const members = new Members(database);
    await assert.rejects(members.add(`r${maxRoomsOfPerson}`, ['bob'], 'bob'), { code: 'CHAT_ROOMS_OF_PERSON' });
    assert.deepEqual(await members.add(`r${maxRoomsOfPerson}`, ['bob'], 'ann'), ['bob'], 'others may add them');
  });

  test('the oldest member becomes the owner when the last owner leaves, and the last owner keeps the role', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob', 'Cy');
    await addRoom(database, 'tea', { others: ['cy', 'bob'] });
    const members = new Members(database);
    await assert.rejects(members.setRole('tea', 'ann', 'member'), { code: 'CHAT_LAST_OWNER' });
    assert.equal(await members.setRole('tea', 'nobody', 'owner'), false);
    assert.deepEqual(await members.remove('tea', 'ann'), { wasMember: true, newOwner: 'cy' });
    assert.deepEqual(await members.remove('tea', 'ann'), { wasMember: false, newOwner: undefined });
    assert.equal(await members.setRole('tea', 'bob', 'owner'), true);
    assert.deepEqual(await members.remove('tea', 'cy'), { wasMember: true, newOwner: undefined });
    assert.deepEqual(await members.remove('tea', 'bob'), { wasMember: true, newOwner: undefined });
  });

  test('members come in pages by name, and are found by pinyin', async (t) => {
    const database = await open(t);
    const others = Array.from({ length: 150 }, (_, index) => `M${String(index).padStart(3, '0')}`);
    await addPeople(database, 'Ann', '张三', ...others);
    await addRoom(database, 'tea', { others: ['张三', ...others.map((name) => name.toLowerCase())] });
    const members = new Members(database);
    const first = await members.page('tea');
    assert.deepEqual([first.members.length, first.count, first.members[0]?.role], [100, 152, 'owner']);
    const second = await members.page('tea', '', first.next);
    assert.deepEqual([second.members.length, second.next], [52, undefined]);
    assert.equal(new Set([...first.members, ...second.members].map(({ id }) => id)).size, 152);
    for (const query of ['zs', 'zhangs', '三']) {
      assert.deepEqual(
        (await members.page('tea', query)).members.map(({ name }) => name),
        ['张三'],
        query,
      );
    }
    assert.deepEqual((await members.page('tea', '%')).members, []);
  });

  test('a mute is stored for members, and for people in the lobby', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann');
    await addRoom(database, 'tea');
    const members = new Members(database);
    await members.mute('tea', 'ann', 5000);
    await members.mute('lobby', 'ann', Number.MAX_SAFE_INTEGER);
    const muted = async (): Promise<unknown> =>
      (await listOwnRooms(database, 'ann')).map(({ id, mutedUntil }) => [id, mutedUntil]);
    assert.deepEqual(await muted(), [
      ['lobby', Number.MAX_SAFE_INTEGER],
      ['tea', 5000],
    ]);
    await members.mute('lobby', 'ann', null);
    assert.deepEqual(await muted(), [
      ['lobby', null],
      ['tea', 5000],
    ]);
  });

  test('a person who was removed comes back neither by muting the room nor by adding themselves', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob', 'Guest');
    await addRoom(database, 'tea');
    const members = new Members(database);
    await members.add('tea', ['bob'], 'ann');
    assert.deepEqual(await members.add('tea', ['guest'], 'bob', { asMember: true }), ['guest']);
    await members.remove('tea', 'bob');
    await members.mute('tea', 'bob', 5000);
    assert.equal(await members.add('tea', ['bob'], 'bob', { asMember: true }), undefined);
    assert.deepEqual(
      (await listOwnRooms(database, 'bob')).map(({ id }) => id),
      ['lobby'],
    );
    await database.tables.updateTable('person').set({ role: 'guest' }).where('id', '=', 'guest').execute();
    await members.mute('lobby', 'guest', 5000);
    assert.deepEqual(
      (await listOwnRooms(database, 'guest')).map(({ id }) => id),
      ['tea'],
    );
  });

  test('the rooms of a person are the lobby and theirs, with role; a guest is in no lobby', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob', 'Gus');
    await database.tables.updateTable('person').set({ role: 'guest' }).where('id', '=', 'gus').execute();
    await addRoom(database, '茶', { kind: 'private', topic: 'about tea', others: ['gus'] });
    await addRoom(database, 'other', { owner: 'bob' });
    const [lobby, tea, ...more] = await listOwnRooms(database, 'ann');
    assert.equal(lobby?.kind, 'lobby');
    assert.deepEqual([tea?.topic, tea?.role, tea?.pinyinInitials, tea?.people], ['about tea', 'owner', 'c', undefined]);
    assert.equal(more.length, 0);
    assert.deepEqual(
      (await listOwnRooms(database, 'gus')).map(({ id, role }) => [id, role]),
      [['茶', 'member']],
    );
    assert.deepEqual(
      (await listOwnRooms(database, 'ann', '茶')).map(({ id }) => id),
      ['茶'],
    );
    assert.deepEqual(await listOwnRooms(database, 'bob', '茶'), []);
    assert.deepEqual(
      (await listOwnRooms(database, 'bob', 'lobby')).map(({ id }) => id),
      ['lobby'],
    );
  });

  test('the directory has public rooms in pages, the newest activity first, with size, topic and search', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob');
    await addRoom(database, 'secret', { kind: 'private', lastAt: 9000 });
    await addRoom(database, 'archive', { lastAt: 9000 });
    await database.tables.updateTable('room').set({ archivedAt: 5 }).where('id', '=', 'archive').execute();
    await addRoom(database, '周末爬山', { topic: 'Mountains 100%', lastAt: 5000, others: ['bob'] });
    const more = directoryPageCount + 5;
    for (let index = 0; index < more; index++) await addRoom(database, `room-${index}`, { lastAt: 100 + (index % 7) });
    const first = await pageOfPublicRooms(database, 'bob', {});
    assert.deepEqual(first.rooms[0], {
      id: '周末爬山',
      name: '周末爬山',
      topic: 'Mountains 100%',
      size: 2,
      lastAt: 5000,
      isMember: true,
    });
    assert.equal(first.rooms.length, directoryPageCount);
    const second = await pageOfPublicRooms(database, 'bob', { after: first.next! });
    assert.equal(second.next, undefined);
    assert.equal(new Set([...first.rooms, ...second.rooms].map(({ id }) => id)).size, more + 1);
    const found = async (query: string): Promise<string[]> =>
      (await pageOfPublicRooms(database, 'bob', { query })).rooms.map(({ name }) => name);
    for (const query of ['爬山', 'ZMPS', 'zhoumo', 'mountains', '100%'])
      assert.deepEqual(await found(query), ['周末爬山'], query);
    assert.deepEqual(await found('_oom-1%'), []);
    assert.deepEqual(await found('secret'), []);
    assert.equal((await pageOfPublicRooms(database, 'bob', { after: 'nonsense' })).rooms[0]?.name, '周末爬山');
  });

  test('a name is unique, a room is archived and opened again', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann');
    await addRoom(database, 'tea');
    await addRoom(database, 'coffee');
    const changes = new RoomChanges(database, () => 77);
    assert.equal(await changes.change('tea', named('Coffee')), 'taken');
    assert.equal(await changes.change('tea', { ...named('咖啡'), topic: 'hot' }), 'changed');
    assert.equal(await changes.change('nowhere', { topic: 'hot' }), 'gone');
    const access = await findAccess(database, 'tea', 'ann');
    assert.deepEqual([access?.room.name, access?.room.topic, access?.room.pinyinInitials], ['咖啡', 'hot', 'kf']);
    assert.equal(await changes.archive('tea', true), 77);
    assert.equal(await changes.archive('tea', false), null);
    assert.equal(await changes.archive('lobby', true), undefined);
  });

  test('a person who is made a guest at the same moment neither makes a room nor becomes an owner', async (t) => {
    const database = await open(t);
    await addPeople(database, 'Ann', 'Bob');
    const { tables, kind } = database;
    await tables
      .insertInto('room')
      .values({ id: 'plans', kind: 'public', name: 'Plans', nameKey: 'plans', madeBy: 'bob', madeAt: 1 })
      .execute();
    const members = (['ann', 'bob'] as const).map((personId) => ({ roomId: 'plans', personId, joinedAt: 1 }));
    await tables.insertInto('member').values(members).execute();
    let settled = 0;
    const attempts = await tables.transaction().execute(async (step) => {
      await step.updateTable('person').set({ role: 'guest' }).where('id', '=', 'ann').execute();
      const room = { id: 'tea', name: 'Tea', nameKey: 'tea', madeBy: 'ann', madeAt: 1 };
      const started = [
        new DatabaseRooms(database).add(room, { most: 9, maxOfPerson: 9, since: 0 }),
        new Members(database).setRole('plans', 'ann', 'owner'),
      ].map((attempt) => attempt.catch((error: unknown) => (error as ChatError).code).finally(() => settled++));
      // SQLite begins no transaction before the end of this one.
      if (kind === 'postgres') await until(async () => settled + (await countWaiting(tables)) === started.length);
      return started;
    });
    assert.deepEqual(await Promise.all(attempts), ['guest', 'CHAT_GUEST_OWNER']);
  });

  test('a deleted room is gone at once, its name is free, and its rows are removed in steps', async (t) => {
    const database = await open(t);
    const { tables } = database;
    await addPeople(database, 'Ann', 'Bob');
    await addRoom(database, 'tea', { others: ['bob'] });
    await addRoom(database, 'coffee');
    const count = 2 * removedAtOnce + 1;
    for (const roomId of ['tea', 'coffee']) {
      for (let from = 0; from < count; from += 500) {
        const rows = Array.from({ length: Math.min(500, count - from) }, (_, index) => ({
          roomId,
          seq: from + index + 1,
          authorId: 'ann',
          messageId: `${from + index}`,
          text: 'hello',
          sentAt: 1,
          epoch: 'e',
          streamOffset: from + index + 1,
        }));
        await tables.insertInto('message').values(rows).execute();
      }
    }
    await tables
      .insertInto('reaction')
      .values({ roomId: 'tea', seq: 1, personId: 'ann', emoji: '👍', madeAt: 1 })
      .execute();
    const changes = new RoomChanges(database, () => 77);
    assert.equal(await changes.markDeleted('lobby'), false);
    assert.equal(await changes.markDeleted('tea'), true);
    assert.equal(await changes.markDeleted('tea'), false);
    assert.equal(await findAccess(database, 'tea', 'ann'), undefined);
    assert.equal(
      (await listOwnRooms(database, 'ann')).some(({ id }) => id === 'tea'),
      false,
    );
    assert.deepEqual(await changes.deleted(10), ['tea']);
    await tables.updateTable('room').set({ nameKey: 'tea' }).where('id', '=', 'coffee').execute();
    let steps = 1;
    while (!(await changes.removeSome('tea'))) steps++;
    assert.equal(steps, 5, 'three of messages, one of members, the last of the room');
    assert.deepEqual(await changes.deleted(10), []);
    const left = await tables.selectFrom('message').select(['roomId']).distinct().execute();
    assert.deepEqual(left, [{ roomId: 'coffee' }]);
    assert.deepEqual(await tables.selectFrom('reaction').selectAll().execute(), []);
  });
});
