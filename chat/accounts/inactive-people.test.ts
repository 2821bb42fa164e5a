import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createLogger } from 'gale';
import { MemorySessionStore } from 'gale/sessions';
import type { ChatDatabase } from '../database/database.ts';
import { createSessions } from '../test/support/chat-sessions.ts';
import { describeDatabases, type OpenDatabase } from '../test/support/databases.ts';
import { deactivated } from '../wire.ts';
import { InactivePeople } from './inactive-people.ts';
import { LiveSessions } from './live-sessions.ts';
import { noteSessionsEnded } from './sessions-ended.ts';

const minuteMs = 60_000;

async function fresh(
  t: TestContext,
  open: OpenDatabase,
): Promise<{
  database: ChatDatabase;
  clock: { now: number };
  inactive: InactivePeople;
  ended: string[];
  warnings: string[];
}> {
  const database = await open(t);
  const people = ['ann', 'bob', 'eve'].map((id) => ({ id, name: id, nameKey: id, passwordHash: '', createdAt: 1 }));
  await database.tables.insertInto('person').values(people).execute();
  const warnings: string[] = [];
  const log = {
    ...createLogger({ level: 'silent' }),
    warn: (_: object, message: string) => void warnings.push(message),
  };
  const store = new MemorySessionStore();
  const sessions = createSessions(store);
  const live = new LiveSessions(sessions, log);
  const ended: string[] = [];
  for (const { id } of people) {
    live.add(`session of ${id}`, { personId: id, endSession: (reason) => void ended.push(`${id}: ${reason}`) });
  }
  const clock = { now: 100 * minuteMs };
  const inactive = new InactivePeople(database, live, {
    log,
    now: () => clock.now,
    removals: { handleSince: () => Promise.resolve() },
  });
  t.after(async () => {
    await inactive.close();
    live.close();
  });
  return { database, clock, inactive, ended, warnings };
}

describeDatabases('the check of people', (open) => {
  test('ends the sockets of people who were deactivated, with the reason, and of those who deleted their account', async (t) => {
    const { database, clock, inactive, ended } = await fresh(t, open);
    await inactive.check();
    assert.deepEqual(ended, []);
    const change = (id: string, values: { deactivatedAt?: number | null; deletedAt?: number }): Promise<unknown> =>
      database.tables.updateTable('person').set(values).where('id', '=', id).execute();
    await change('ann', { deactivatedAt: clock.now });
    await change('bob', { deletedAt: clock.now });
    await inactive.check();
    assert.deepEqual(ended, [`ann: ${deactivated}`, 'bob: undefined']);
  });

  test('ends the sockets of ended sessions of a person whose sessions ended together, once', async (t) => {
    const { database, clock, inactive, ended } = await fresh(t, open);
    await noteSessionsEnded(database.tables, 'ann', clock.now);
    await inactive.check();
    assert.deepEqual(ended, ['ann: undefined']);
    await inactive.check();
    assert.deepEqual(ended, ['ann: undefined']);
  });

  test('finds people after an outage of any length, and when clocks differ; it warns once', async (t) => {
    const { database, clock, inactive, ended, warnings } = await fresh(t, open);
    await database.tables
      .updateTable('person')
      .set({ deactivatedAt: clock.now - 5 * minuteMs })
      .where('id', '=', 'ann')
      .execute();
    await database.tables.schema.alterTable('person').renameTo('gone').execute();
    await inactive.check();
    clock.now += 60 * minuteMs;
    await inactive.check();
    assert.deepEqual(warnings, ['Deactivated people could not be read; retrying twice a second']);
    await database.tables.schema.alterTable('gone').renameTo('person').execute();
    await inactive.check();
    assert.deepEqual(ended, [`ann: ${deactivated}`]);
  });
});
