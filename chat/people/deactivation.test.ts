import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatDatabase } from '../database/database.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { markDeactivated, markReactivated } from './deactivation.ts';
import { PeopleStore } from './people-store.ts';

async function withPeople(database: ChatDatabase): Promise<PeopleStore> {
  const { tables } = database;
  for (const [id, role] of [
    ['ada', 'administrator'],
    ['bob', 'administrator'],
    ['eve', 'member'],
  ] as const) {
    await tables
      .insertInto('person')
      .values({ id, role, name: id, nameKey: id, passwordHash: '', createdAt: 1 })
      .execute();
    for (const device of ['phone', 'laptop']) {
      const session = { id: `${device} of ${id}`, personId: id, createdAt: 1, seenAt: 1, expiresAt: 9 };
      await tables.insertInto('session').values(session).execute();
      await tables.insertInto('sessionValue').values({ sessionId: session.id, name: 'agent', text: '""' }).execute();
    }
    await tables
      .insertInto('signInLink')
      .values({ tokenHash: id, personId: id, madeBy: 'ada', expiresAt: 99, usedAt: null })
      .execute();
    const invite = { madeBy: id, madeAt: 1, maxUses: null, role: 'member', revokedAt: null } as const;
    await tables
      .insertInto('invite')
      .values([
        { ...invite, id: `open of ${id}`, tokenHash: `open of ${id}`, expiresAt: null },
        { ...invite, id: `old of ${id}`, tokenHash: `old of ${id}`, expiresAt: 2 },
      ])
      .execute();
  }
  return new PeopleStore(database);
}

async function auditOf({ tables }: ChatDatabase): Promise<unknown[]> {
  const rows = await tables.selectFrom('audit').selectAll().orderBy('id').execute();
  return rows.map(({ actorId, action, target, details }) => [actorId, action, target, details]);
}

describeDatabases('deactivation', (open) => {
  test('ends the sessions, sign-in links and invites of the person only, with one entry in the log', async (t) => {
    const database = await open(t);
    const people = await withPeople(database);
    const { tables } = database;
    assert.equal(await markDeactivated(people, 'eve', { actorId: 'ada', at: 5 }), 'done');
    assert.equal(await markDeactivated(people, 'eve', { actorId: 'bob', at: 6 }), 'done');
    const sessions = await tables.selectFrom('session').select('id').orderBy('id').execute();
    assert.deepEqual(
      sessions.map(({ id }) => id),
      ['laptop of ada', 'laptop of bob', 'phone of ada', 'phone of bob'],
    );
    const links = await tables.selectFrom('signInLink').select('personId').orderBy('personId').execute();
    assert.deepEqual(
      links.map(({ personId }) => personId),
      ['ada', 'bob'],
    );
    const revoked = await tables
      .selectFrom('invite')
      .select(['id', 'revokedAt'])
      .where('revokedAt', 'is not', null)
      .execute();
    assert.deepEqual(revoked, [{ id: 'open of eve', revokedAt: 5 }]);
    const row = await tables.selectFrom('person').select('deactivatedAt').where('id', '=', 'eve').executeTakeFirst();
    assert.equal(row?.deactivatedAt, 5);
    assert.deepEqual(await auditOf(database), [['ada', 'person.deactivate', 'eve', '{"sessions":2,"invites":1}']]);
  });

  test('can be reversed, and the command line is an actor without id', async (t) => {
    const database = await open(t);
    const people = await withPeople(database);
    await markDeactivated(people, 'eve', { actorId: null, at: 5 });
    assert.equal(await markReactivated(people, 'eve', { actorId: 'ada', at: 6 }), 'done');
    assert.equal(await markReactivated(people, 'eve', { actorId: 'ada', at: 7 }), 'done');
    const row = await database.tables
      .selectFrom('person')
      .select('deactivatedAt')
      .where('id', '=', 'eve')
      .executeTakeFirst();
    assert.equal(row?.deactivatedAt, null);
    assert.deepEqual(await auditOf(database), [
      [null, 'person.deactivate', 'eve', '{"sessions":2,"invites":1}'],
      ['ada', 'person.reactivate', 'eve', '{}'],
    ]);
  });

  test('of two administrators who deactivate each other at once, one stays', async (t) => {
    const database = await open(t);
    const people = await withPeople(database);
    const results = await Promise.all([
      markDeactivated(people, 'bob', { actorId: 'ada', at: 5 }),
      markDeactivated(people, 'ada', { actorId: 'bob', at: 5 }),
    ]);
    assert.deepEqual(results.toSorted(), ['done', 'last']);
    assert.equal((await auditOf(database)).length, 1);
    assert.equal(await markDeactivated(people, 'nobody', { actorId: 'ada', at: 5 }), 'unknown');
    assert.equal((await database.tables.selectFrom('session').select('id').execute()).length, 4);
  });
});
