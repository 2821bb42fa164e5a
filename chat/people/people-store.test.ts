import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Role } from '../database/tables.ts';
import { Members, type NewOwner } from '../rooms/members.ts';
import { DatabaseAccounts } from '../accounts/database-accounts.ts';
import { describeDatabases, type OpenDatabase } from '../test/support/databases.ts';
import { choicesOf, PeopleStore } from './people-store.ts';
import { addPerson } from './person.ts';

async function start(t: TestContext, open: OpenDatabase) {
  const database = await open(t);
  const add = async (name: string, role: Role = 'member'): Promise<string> => {
    const person = { id: `id of ${name}`, name, nameKey: name, passwordHash: 'hash', createdAt: 1, role };
    await addPerson(database.tables, person);
    return person.id;
  };
  return { database, store: new PeopleStore(database), add };
}

describeDatabases('people', (open) => {
  test('a renamed person has the new name and its pinyin, and a taken name is refused', async (t) => {
    const { database, store, add } = await start(t, open);
    const ann = await add('ann');
    await add('bob');
    assert.equal(await store.rename(ann, 'Bob'), false);
    assert.equal(await store.rename(ann, 'Ann'), true);
    assert.equal(await store.rename(ann, '张三'), true);
    const row = await database.tables.selectFrom('person').selectAll().where('id', '=', ann).executeTakeFirstOrThrow();
    assert.deepEqual([row.name, row.pinyin, row.pinyinInitials], ['张三', 'zhangsan', 'zs']);
  });

  test('the log has each change of a name, until the account is deleted', async (t) => {
    const { database, store, add } = await start(t, open);
    const [ann, bob] = [await add('ann'), await add('bob')];
    const renames = async (): Promise<unknown[]> => {
      const entries = database.tables.selectFrom('audit').select(['actorId', 'target', 'details']);
      return entries.where('action', '=', 'person.rename').orderBy('id').execute();
    };
    await store.rename(ann, 'Anna');
    await store.rename(ann, 'Anna');
    assert.equal(await store.rename(ann, 'Bob'), false);
    await store.rename(bob, 'Ann');
    const [ofAnn, ofBob] = [
      { actorId: ann, target: ann, details: '{"from":"ann","to":"Anna"}' },
      { actorId: bob, target: bob, details: '{"from":"bob","to":"Ann"}' },
    ];
    assert.deepEqual(await renames(), [ofAnn, ofBob]);
    await store.delete(ann, 5);
    assert.deepEqual(await renames(), [ofBob]);
  });

  test('of two people who take a name at once, one gets it', async (t) => {
    const { store, add } = await start(t, open);
    const ids = [await add('ann'), await add('bob')];
    const results = await Promise.all(ids.map((id) => store.rename(id, 'Cleo')));
    assert.deepEqual(results.toSorted(), [false, true]);
  });

  test('choices have defaults, and keep those that are not changed', async (t) => {
    const { database, store, add } = await start(t, open);
    const ann = await add('ann');
    await store.choose(ann, { theme: 'dark', timeZone: 'Asia/Shanghai' });
    await store.choose(ann, { sendKey: 'ctrl-enter' });
    await store.choose(ann, {});
    const row = await database.tables.selectFrom('person').selectAll().where('id', '=', ann).executeTakeFirstOrThrow();
    assert.deepEqual(choicesOf(row), {
      language: null,
      theme: 'dark',
      timeZone: 'Asia/Shanghai',
      sendKey: 'ctrl-enter',
      roomOrder: 'activity',
    });
  });

  test('a picture is kept byte for byte, replaced and removed', async (t) => {
    const { store, add } = await start(t, open);
    const ann = await add('ann');
    const picture = { type: 'image/png', bytes: Buffer.from([0, 255, 1]), hash: 'h1' } as const;
    await store.setPicture(ann, { ...picture, bytes: Buffer.from([7]), hash: 'h0' });
    await store.setPicture(ann, picture);
    const stored = await store.picture(ann, 'h1');
    assert.deepEqual([stored?.type, [...(stored?.bytes ?? [])]], ['image/png', [0, 255, 1]]);
    assert.equal((await store.describe([ann]))[0]?.picture, 'h1');
    await store.setPicture(ann, null);
    assert.equal(await store.picture(ann, 'h1'), undefined);
    assert.equal((await store.describe([ann]))[0]?.picture, null);
  });

  test('what another window changes in the moment of a deletion leaves nothing of the person', async (t) => {
    const { database, store, add } = await start(t, open);
    const ann = await add('ann');
    await add('eve', 'administrator');
    assert.equal(await store.delete(ann, 5), 'done');
    const row = () => database.tables.selectFrom('person').selectAll().where('id', '=', ann).executeTakeFirstOrThrow();
    const deleted = await row();
    await store.rename(ann, 'Ann again');
    await store.choose(ann, { theme: 'dark' });
    await store.setPicture(ann, { type: 'image/png', bytes: Buffer.from([7]), hash: 'h' });
    await new DatabaseAccounts(database).setPassword(ann, 'hash', 9);
    assert.deepEqual(await row(), deleted);
    assert.equal(await database.tables.selectFrom('picture').selectAll().executeTakeFirst(), undefined);
  });

  test('the last administrator stays one, also if two leave at once', async (t) => {
    const { store, add } = await start(t, open);
    const [ada, eve] = [await add('ada', 'administrator'), await add('eve', 'administrator')];
    const results = await Promise.all([store.setRole(ada, 'member'), store.delete(eve, 5)]);
    assert.deepEqual(results.toSorted(), ['done', 'last']);
    const left = (await store.describe([ada, eve])).find(({ role }) => role === 'administrator');
    assert.equal(await store.setDeactivated(left?.id ?? '', 5), 'last');
    assert.equal(await store.setRole(left?.id ?? '', 'administrator'), 'done');
    assert.equal(await store.setRole('nobody', 'member'), 'unknown');
  });

  test('a room whose last owner deletes the account gets an owner who can sign in', async (t) => {
    const { database, store, add } = await start(t, open);
    const [ann, bob, cleo] = [await add('ann'), await add('bob'), await add('cleo')];
    const room = { id: 'plans', kind: 'private', name: 'Plans', nameKey: 'plans', madeBy: ann, madeAt: 1 } as const;
    await database.tables.insertInto('room').values(room).execute();
    await database.tables
      .insertInto('room')
      .values({ id: 'direct', kind: 'direct', name: '', peopleKey: 'ann bob', madeBy: ann, madeAt: 1 })
      .execute();
    await database.tables.insertInto('member').values({ roomId: 'direct', personId: ann, joinedAt: 1 }).execute();
    const members = [ann, bob, cleo].map((personId, joinedAt) => ({
      roomId: room.id,
      personId,
      joinedAt,
      role: personId === ann ? ('owner' as const) : ('member' as const),
    }));
    await database.tables.insertInto('member').values(members).execute();
    await store.setDeactivated(bob, 3);
    const newOwners: NewOwner[] = [];
    assert.equal(await store.delete(ann, 5, newOwners), 'done');
    assert.deepEqual(newOwners, [{ roomId: room.id, personId: cleo }]);
    const rows = await database.tables
      .selectFrom('member')
      .select(['personId', 'role'])
      .where('roomId', '=', room.id)
      .orderBy('joinedAt')
      .execute();
    assert.deepEqual(rows, [
      { personId: bob, role: 'member' },
      { personId: cleo, role: 'owner' },
    ]);
    const left = await database.tables.selectFrom('member').select('roomId').where('personId', '=', ann).execute();
    assert.deepEqual(left, [{ roomId: 'direct' }], 'a direct conversation of two is no note to oneself');
  });

  test('of two owners one of whom leaves while the other becomes a guest, a third person is the owner', async (t) => {
    const { database, store, add } = await start(t, open);
    const [ann, bob, cleo] = [await add('ann'), await add('bob'), await add('cleo')];
    const room = { id: 'plans', kind: 'private', name: 'Plans', nameKey: 'plans', madeBy: ann, madeAt: 1 } as const;
    await database.tables.insertInto('room').values(room).execute();
    const members = [ann, bob, cleo].map((personId, joinedAt) => ({ roomId: room.id, personId, joinedAt }));
    await database.tables.insertInto('member').values(members).execute();
    const owners = database.tables.updateTable('member').set({ role: 'owner' }).where('personId', 'in', [ann, bob]);
    await owners.execute();
    const newOwners: NewOwner[] = [];
    const [, { newOwner }] = await Promise.all([
      store.setRole(ann, 'guest', undefined, newOwners),
      new Members(database).remove(room.id, bob),
    ]);
    assert.deepEqual([newOwner, ...newOwners.map(({ personId }) => personId)].filter(Boolean), [cleo]);
  });

  test('nothing is left of a deleted person except the id, and the name is free', async (t) => {
    const { database, store, add } = await start(t, open);
    const ann = await add('ann');
    assert.equal(await store.delete(ann, 5), 'done');
    assert.equal(await store.delete(ann, 6), 'unknown');
    assert.deepEqual(await store.describe([ann]), [
      { id: ann, name: '', role: 'guest', picture: null, isDeleted: true },
    ]);
    const rows = await database.tables.selectFrom('person').select('passwordHash').execute();
    assert.deepEqual(rows, [{ passwordHash: '' }]);
    await database.tables.transaction().execute(async (step) => {
      const person = {
        id: 'new',
        name: 'ann',
        nameKey: 'ann',
        passwordHash: '',
        createdAt: 1,
        role: 'member',
      } as const;
      assert.equal(await addPerson(step, person), true);
    });
  });
});
