import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ChatDatabase } from '../database/database.ts';
import { addPerson, type NewPerson } from '../people/person.ts';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { Members } from '../rooms/members.ts';
import { noteRemoval } from '../rooms/removals.ts';
import { hashToken } from '../tokens.ts';
import { InviteStore } from './invite-store.ts';
import { Invites, type InviteChoice } from './invites.ts';

const week = 7 * 24 * 60 * 60 * 1000;
const choice: InviteChoice = { role: 'member', roomIds: [], lastsMs: week, maxUses: null };
const address = '192.0.2.1';

function person(name: string, createdAt = 1000): NewPerson {
  return { id: `id of ${name}`, name, nameKey: name, passwordHash: '', createdAt, role: 'member' };
}

async function addRoom({ tables }: ChatDatabase, id: string): Promise<void> {
  await tables
    .insertInto('room')
    .values({
      id,
      kind: 'private',
      name: id,
      nameKey: id,
      peopleKey: null,
      madeBy: '',
      madeAt: 1,
      archivedAt: null,
      lastAt: null,
      topSeq: 7,
    })
    .execute();
}

describeDatabases('invites', (open) => {
  async function start(t: TestContext, secret: string | undefined = 'secret') {
    const database = await open(t);
    const clock = { now: 1000 };
    const invites = new Invites(new InviteStore(database), {
      secret,
      attempts: new MemoryAttempts(() => clock.now),
      limits: 'on',
      now: () => clock.now,
    });
    return { database, invites, clock };
  }

  test('the list shows the link again, and the database has only its hash', async (t) => {
    const { database, invites } = await start(t);
    const { token } = await invites.make(choice, 'ada');
    const [listed] = await invites.list();
    assert.equal(listed?.token, token);
    assert.equal(listed.state, 'open');
    const rows = await database.tables.selectFrom('invite').selectAll().execute();
    assert.equal(JSON.stringify(rows).includes(token), false);
    assert.equal(rows[0]?.tokenHash, hashToken(token));
  });

  test('a link without a secret is shown once', async (t) => {
    const { invites } = await start(t, '');
    const without = new Invites(invites.store, {
      secret: undefined,
      attempts: new MemoryAttempts(),
      limits: 'on',
      now: () => 1000,
    });
    const { token } = await without.make(choice, '');
    assert.equal((await without.find(token, address)).state, 'open');
    assert.equal((await invites.list())[0]?.token, undefined);
  });

  test('a person joins with the role and the rooms of the invite, and earlier messages are read', async (t) => {
    const { database, invites } = await start(t);
    await addRoom(database, 'plans');
    const { token } = await invites.make({ ...choice, role: 'guest', roomIds: ['plans'] }, 'ada');
    assert.equal(await invites.store.addPerson(hashToken(token), person('bob')), 'joined');
    const people = await database.tables.selectFrom('person').select(['name', 'role']).execute();
    assert.deepEqual(people, [{ name: 'bob', role: 'guest' }]);
    const members = await database.tables.selectFrom('member').select(['roomId', 'readSeq']).execute();
    assert.deepEqual(members, [{ roomId: 'plans', readSeq: 7 }]);
    assert.equal((await invites.list())[0]?.uses, 1);
  });

  test('of people who join at the same moment as many get in as the invite has uses', async (t) => {
    const { database, invites } = await start(t);
    const { token } = await invites.make({ ...choice, maxUses: 3 }, 'ada');
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const results = await Promise.all(names.map((name) => invites.store.addPerson(hashToken(token), person(name))));
    assert.equal(results.filter((result) => result === 'joined').length, 3);
    assert.equal((await database.tables.selectFrom('person').select('id').execute()).length, 3);
    assert.equal((await invites.find(token, address)).state, 'used');
  });

  test('a taken name does not use up the invite', async (t) => {
    const { invites } = await start(t);
    const { token } = await invites.make({ ...choice, maxUses: 2 }, 'ada');
    assert.equal(await invites.store.addPerson(hashToken(token), person('bob')), 'joined');
    const again = { ...person('bob'), id: 'another' };
    assert.equal(await invites.store.addPerson(hashToken(token), again), 'nameTaken');
    assert.equal(await invites.store.addPerson(hashToken(token), person('cleo')), 'joined');
  });

  test('an expired, a revoked and a renewed link say so and let nobody in', async (t) => {
    const { invites, clock } = await start(t);
    const [expired, revoked, renewed] = [
      await invites.make(choice, 'ada'),
      await invites.make({ ...choice, lastsMs: null }, 'ada'),
      await invites.make(choice, 'ada'),
    ];
    assert.equal(await invites.revoke(revoked.id, 'ada'), true);
    assert.equal(await invites.revoke(revoked.id, 'ada'), false);
    clock.now += week - 1;
    const fresh = await invites.renew(renewed.id, 'ada');
    assert.equal(await invites.renew(renewed.id, 'ada'), undefined);
    clock.now += 1;
    assert.equal((await invites.find(expired.token, address)).state, 'expired');
    assert.equal((await invites.find(revoked.token, address)).state, 'revoked');
    assert.equal((await invites.find(renewed.token, address)).state, 'revoked');
    assert.equal((await invites.find(fresh?.token ?? '', address)).state, 'open');
    for (const { token } of [expired, revoked, renewed])
      assert.equal(await invites.store.addPerson(hashToken(token), person('bob', clock.now)), 'ended');
  });

  test('an invite that was made in the moment in which its maker was deactivated lets nobody in', async (t) => {
    const { database, invites } = await start(t);
    await addPerson(database.tables, { ...person('ada'), role: 'administrator' });
    const { token } = await invites.make(choice, 'id of ada');
    await database.tables.updateTable('person').set({ deactivatedAt: 5 }).execute();
    assert.equal(await invites.store.addPerson(hashToken(token), person('bob')), 'ended');
    await database.tables.updateTable('person').set({ deactivatedAt: null }).execute();
    assert.equal(await invites.store.addPerson(hashToken(token), person('bob')), 'joined');
  });

  test('a person who has an account joins the rooms, and counts once', async (t) => {
    const { database, invites } = await start(t);
    await addRoom(database, 'plans');
    const first = await invites.make(choice, 'ada');
    await invites.store.addPerson(hashToken(first.token), person('bob'));
    const { token } = await invites.make({ ...choice, roomIds: ['plans'], maxUses: 1 }, 'ada');
    assert.equal(await invites.store.useAs(hashToken(token), 'id of bob', 1000), 'joined');
    assert.equal(await invites.store.useAs(hashToken(token), 'id of bob', 1000), 'joined');
    assert.equal((await invites.find(token, address)).state, 'used');
  });

  test('an invite does not bring a person back to a private room from which they were removed after it was made', async (t) => {
    const { database, invites, clock } = await start(t);
    await addRoom(database, 'plans');
    await addRoom(database, 'tea');
    const first = await invites.make(choice, 'ada');
    await invites.store.addPerson(hashToken(first.token), person('bob'));
    const bob = 'id of bob';
    const roomsOfBob = async (): Promise<string[]> =>
      (await database.tables.selectFrom('member').select('roomId').where('personId', '=', bob).execute())
        .map(({ roomId }) => roomId)
        .filter((id) => id !== 'lobby')
        .toSorted();
    const both = await invites.make({ ...choice, roomIds: ['plans', 'tea'], maxUses: 9 }, 'ada');
    const members = new Members(database, () => clock.now);
    await invites.store.useAs(hashToken(both.token), bob, clock.now);
    for (const roomId of ['plans', 'tea'])
      await members.remove(roomId, bob, (step) => noteRemoval(step, { roomId, personId: bob, removedAt: clock.now }));
    assert.deepEqual([...(await invites.store.closedRooms(both.id, bob))].toSorted(), ['plans', 'tea']);
    assert.equal(await invites.store.useAs(hashToken(both.token), bob, clock.now), 'joined');
    assert.deepEqual(await roomsOfBob(), []);
    assert.equal((await invites.list()).find(({ id }) => id === both.id)?.uses, 1);
    // Others get in, whoever adds the person again is right, and so is a later invite.
    assert.equal(await invites.store.addPerson(hashToken(both.token), person('cleo')), 'joined');
    await members.add('tea', [bob], 'id of cleo');
    assert.deepEqual([...(await invites.store.closedRooms(both.id, bob))], ['plans']);
    clock.now += 1;
    const later = await invites.make({ ...choice, roomIds: ['plans'] }, 'ada');
    assert.equal(await invites.store.useAs(hashToken(later.token), bob, clock.now), 'joined');
    assert.deepEqual(await roomsOfBob(), ['plans', 'tea']);
  });

  test('a public room is open to a person who was removed: they may join it anyway', async (t) => {
    const { database, invites, clock } = await start(t);
    await addRoom(database, 'plans');
    await database.tables.updateTable('room').set({ kind: 'public' }).where('id', '=', 'plans').execute();
    const first = await invites.make({ ...choice, roomIds: ['plans'] }, 'ada');
    await invites.store.addPerson(hashToken(first.token), person('bob'));
    await new Members(database).remove('plans', 'id of bob', (step) =>
      noteRemoval(step, { roomId: 'plans', personId: 'id of bob', removedAt: clock.now }),
    );
    assert.deepEqual([...(await invites.store.closedRooms(first.id, 'id of bob'))], []);
  });

  test('a guest becomes a member by an invite for members, and stays a guest without a use that is left', async (t) => {
    const { database, invites } = await start(t);
    await addRoom(database, 'plans');
    const asGuests = await invites.make({ ...choice, role: 'guest', roomIds: ['plans'] }, 'ada');
    for (const name of ['bob', 'cleo']) await invites.store.addPerson(hashToken(asGuests.token), person(name));
    const { token } = await invites.make({ ...choice, maxUses: 1 }, 'ada');
    assert.equal(await invites.store.useAs(hashToken(token), 'id of bob', 2000), 'becameMember');
    assert.equal(await invites.store.useAs(hashToken(token), 'id of bob', 2000), 'joined');
    assert.equal(await invites.store.useAs(hashToken(token), 'id of cleo', 2000), 'ended');
    assert.equal(await invites.store.useAs(hashToken(asGuests.token), 'id of bob', 2000), 'joined');
    const people = await database.tables.selectFrom('person').select(['name', 'role']).orderBy('name').execute();
    assert.deepEqual(people, [
      { name: 'bob', role: 'member' },
      { name: 'cleo', role: 'guest' },
    ]);
    const inLobby = await database.tables
      .selectFrom('member')
      .select('personId')
      .where('roomId', '=', 'lobby')
      .execute();
    assert.deepEqual(inLobby, [{ personId: 'id of bob' }]);
    const log = await database.tables.selectFrom('audit').selectAll().where('action', '=', 'person.role').execute();
    assert.deepEqual(
      log.map(({ actorId, target, details }) => [actorId, target, JSON.parse(details)]),
      [['id of bob', 'id of bob', { from: 'guest', to: 'member' }]],
    );
  });

  test('guesses of one address are limited, and others get in meanwhile', async (t) => {
    const { invites, clock } = await start(t);
    const { token } = await invites.make(choice, 'ada');
    for (let index = 0; index < 20; index++)
      assert.equal((await invites.find(`${index}`.padStart(24, 'x'), address)).state, 'unknown');
    assert.equal((await invites.find(token, address)).state, 'limited');
    assert.equal((await invites.find(token, '198.51.100.7')).state, 'open');
    clock.now += 10 * 60_000;
    assert.equal((await invites.find(token, address)).state, 'open');
  });
});
