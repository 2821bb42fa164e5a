import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatDatabase } from '../database/database.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { maxDetailsCharacters, writeAudit, type AuditEntry } from './audit-entry.ts';
import { AuditLog, auditPageCount } from './audit-log.ts';

const dayMs = 86_400_000;

async function addPeople({ tables }: ChatDatabase): Promise<void> {
  const names = { ann: 'Ann', bob: 'Bob' };
  for (const [id, name] of Object.entries(names)) {
    await tables.insertInto('person').values({ id, name, nameKey: id, passwordHash: '', createdAt: 1 }).execute();
  }
}

const archive = (actorId: string | null, name: string): AuditEntry => ({
  actorId,
  action: 'room.archive',
  target: 'tea',
  details: { name },
});

describeDatabases('audit log', (open) => {
  test('shows entries in pages, newest first, with the names of people and rooms', async (t) => {
    const database = await open(t);
    await addPeople(database);
    const { tables } = database;
    await tables
      .insertInto('room')
      .values({
        id: 'tea',
        kind: 'public',
        name: 'Tea',
        nameKey: 'tea',
        peopleKey: null,
        madeBy: 'ann',
        madeAt: 1,
        archivedAt: null,
        deletedAt: null,
        lastAt: null,
      })
      .execute();
    for (let count = 1; count <= auditPageCount; count++) await writeAudit(tables, archive(null, `${count}`), count);
    await writeAudit(
      tables,
      { actorId: 'ann', action: 'message.delete', target: 'tea', details: { seq: 7, author: 'bob' } },
      100,
    );
    const log = new AuditLog(database, { days: 0, now: () => 0 });
    const first = await log.page();
    assert.equal(first.entries.length, auditPageCount);
    const [{ id, ...newest } = { id: 0 }] = first.entries;
    assert.ok(id > 0);
    assert.deepEqual(newest, {
      at: 100,
      actorId: 'ann',
      action: 'message.delete',
      target: 'tea',
      details: { seq: 7, author: 'bob' },
    });
    assert.deepEqual([...first.people].toSorted(), [
      ['ann', 'Ann'],
      ['bob', 'Bob'],
    ]);
    assert.deepEqual(first.rooms.get('tea'), { kind: 'public', name: 'Tea' });
    const second = await log.page(first.next);
    assert.deepEqual(
      second.entries.map(({ actorId, details }) => [actorId, details]),
      [[null, { name: '1' }]],
    );
    assert.equal(second.next, undefined);
  });

  test('an entry exists only together with its change', async (t) => {
    const database = await open(t);
    const change = database.tables.transaction().execute(async (step) => {
      await writeAudit(step, archive('ann', 'Tea'), 1);
      throw new Error('The change failed');
    });
    await assert.rejects(change, /The change failed/);
    assert.deepEqual((await new AuditLog(database, { days: 0, now: () => 0 }).page()).entries, []);
  });

  test('removes entries that are older than its days, and looks once an hour', async (t) => {
    const database = await open(t);
    let now = 200 * dayMs;
    const log = new AuditLog(database, { days: 180, now: () => now });
    const write = async (at: number): Promise<void> => writeAudit(database.tables, archive(null, `${at / dayMs}`), at);
    const days = async (): Promise<unknown[]> => (await log.page()).entries.map(({ details }) => details['name']);
    for (const day of [10, 20, 21, 200]) await write(day * dayMs);
    await log.prune();
    assert.deepEqual(await days(), ['200', '21', '20']);
    now = 202 * dayMs;
    await new AuditLog(database, { days: 0, now: () => now }).prune();
    assert.deepEqual(await days(), ['200', '21', '20']);
    await log.prune();
    assert.deepEqual(await days(), ['200']);
    await write(3 * dayMs);
    await log.prune();
    assert.deepEqual(await days(), ['3', '200']);
  });

  test('refuses details that are too long, and reads those of another version', async (t) => {
    const database = await open(t);
    await assert.rejects(writeAudit(database.tables, archive(null, 'x'.repeat(maxDetailsCharacters)), 1), RangeError);
    const row = { at: 1, actorId: null, action: 'room.paint', target: null };
    for (const details of ['not JSON', '3', '{"colour":"red"}']) {
      await database.tables
        .insertInto('audit')
        .values({ ...row, details })
        .execute();
    }
    const { entries } = await new AuditLog(database, { days: 0, now: () => 0 }).page();
    assert.deepEqual(
      entries.map(({ details }) => details),
      [{ colour: 'red' }, {}, {}],
    );
  });
});
