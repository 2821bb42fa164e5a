import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Kysely } from 'kysely';
import { writeAudit } from '../audit/audit-entry.ts';
import { columnTypes } from '../database/column-types.ts';
import { addRemovals } from '../database/migrations/0090-removals.ts';
import { describeDatabases } from '../test/support/databases.ts';

describeDatabases('removals', (open) => {
  test('those that an earlier version recorded in the log are known after the update, except of people who were added again', async (t) => {
    const { tables, kind } = await open(t);
    for (const id of ['ann', 'bob'])
      await tables.insertInto('person').values({ id, name: id, nameKey: id, passwordHash: '', createdAt: 1 }).execute();
    for (const id of ['tea', 'plans']) {
      const room = { id, kind: 'private', name: id, nameKey: id, madeBy: 'ann', madeAt: 1 } as const;
      await tables.insertInto('room').values(room).execute();
    }
    const remove = (at: number, target: string, person: string): Promise<void> =>
      writeAudit(tables, { actorId: 'ann', action: 'room.remove-person', target, details: { name: '', person } }, at);
    for (let at = 1; at <= 600; at += 1) await remove(at, 'tea', 'bob');
    await remove(700, 'plans', 'bob');
    await remove(800, 'deleted', 'bob');
    await remove(900, 'tea', 'nobody');
    await tables.insertInto('member').values({ roomId: 'plans', personId: 'bob', joinedAt: 750 }).execute();
    const plain = tables.withoutPlugins() as unknown as Kysely<unknown>;
    await plain.schema.dropTable('removal').execute();
    await addRemovals(plain, columnTypes[kind]);
    assert.deepEqual(await tables.selectFrom('removal').selectAll().execute(), [
      { personId: 'bob', roomId: 'tea', removedAt: 600 },
    ]);
  });
});
