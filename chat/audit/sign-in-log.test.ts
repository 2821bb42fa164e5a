import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from 'gale';
import type { Kysely } from 'kysely';
import { nameVisitors } from '../database/migrations/0080-audit-visitors.ts';
import { pageTranslator } from '../locale/pages/index.ts';
import { serveChat } from '../test/support/app.ts';
import { AuditLog } from './audit-log.ts';
import { toSentence } from './audit-sentences.ts';

const password = 'wrong, but long enough';

test('sign-ins and failures are in the audit log with their address, and never a password or a typed name', async (t) => {
  const chat = await serveChat(t);
  const person = await chat.person('Ann');
  const { tables } = chat.database;
  await tables.deleteFrom('audit').execute();
  const visitor = chat.visitor();
  for (let count = 0; count < 3; count += 1) await visitor.submit('/login', { name: 'Ann', password });
  for (let count = 0; count < 3; count += 1) await visitor.submit('/login', { name: 'hunter2 hunter2', password });
  await visitor.logIn('Ann');
  const { person: ann } = (await (await person.get('/me')).json()) as { person: { id: string } };
  const rows = await tables
    .selectFrom('audit')
    .select(['actorId', 'action', 'target', 'details'])
    .orderBy('id')
    .execute();
  const details = JSON.stringify({ address: '127.0.0.1' });
  assert.deepEqual(rows, [
    { actorId: 'visitor', action: 'session.fail', target: ann.id, details },
    { actorId: 'visitor', action: 'session.fail', target: null, details },
    { actorId: ann.id, action: 'session.begin', target: ann.id, details },
  ]);
});

test('of one person the log has at most 20 sign-ins in an hour, and all of them succeed', async (t) => {
  const chat = await serveChat(t, { limits: 'off', log: createLogger({ level: 'silent' }) });
  await chat.person('Ann');
  const { tables } = chat.database;
  await tables.deleteFrom('audit').execute();
  for (let count = 0; count < 25; count += 1) await chat.visitor().logIn('Ann');
  const rows = await tables.selectFrom('audit').select('action').execute();
  // The first one was the registration.
  assert.equal(rows.length, 19);
});

test('a sign-in succeeds without its entry if the audit log cannot be written, with a warning', async (t) => {
  const warnings: string[] = [];
  const log = { ...createLogger({ level: 'silent' }), warn: (_: object, message: string) => warnings.push(message) };
  const chat = await serveChat(t, { log });
  await chat.person('Ann');
  await chat.database.tables.schema.alterTable('audit').renameTo('audit_gone').execute();
  const visitor = chat.visitor();
  await visitor.logIn('Ann');
  assert.equal((await visitor.get('/')).status, 200);
  assert.deepEqual(warnings, ['A sign-in could not be written to the audit log']);
});

test('a failed sign-in is by a visitor, also one that an earlier version recorded', async (t) => {
  const { database } = await serveChat(t);
  const { tables } = database;
  const failed = { action: 'session.fail', target: null, details: JSON.stringify({ address: '192.0.2.1' }) };
  await tables
    .insertInto('audit')
    .values([
      { at: 1, actorId: null, ...failed },
      { at: 2, actorId: null, action: 'room.archive', target: null, details: JSON.stringify({ name: 'Tea' }) },
    ])
    .execute();
  await nameVisitors(tables as Kysely<unknown>);
  const page = await new AuditLog(database, { days: 0, now: Date.now }).page();
  assert.deepEqual(
    page.entries.map(({ actorId }) => actorId),
    [null, 'visitor'],
  );
  assert.deepEqual(
    page.entries.map((entry) => toSentence(entry, page, pageTranslator('en')).startsWith('A visitor')),
    [false, true],
  );
});
