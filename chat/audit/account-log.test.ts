import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from 'gale';
import type { Kysely } from 'kysely';
import { nameVisitors } from '../database/migrations/0080-audit-visitors.ts';
import { pageTranslator } from '../locale/pages/index.ts';
import { handleOf } from '../names/handle.ts';
import { serveChat } from '../test/support/app.ts';
import { RawSocket } from '../test/support/raw-socket.ts';
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
  assert.deepEqual(warnings, ['An entry of an account could not be written to the audit log']);
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

test('links, new passwords, ended sessions and deleted accounts are in the audit log, each with a sentence of its own', async (t) => {
  const chat = await serveChat(t);
  const { tables } = chat.database;
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password: 'correct horse' })).status, 303);
  const person = await chat.person('Ann');
  const { person: ann } = (await (await person.get('/me')).json()) as { person: { id: string } };
  await tables.deleteFrom('audit').execute();
  const html = await (await ada.submit('/admin/people', { action: 'link', id: ann.id })).text();
  const [, path = ''] = /(\/sign-in\/[\w-]+)/.exec(html) ?? [];
  const byLink = chat.visitor();
  assert.equal((await byLink.submit(path, {})).status, 303);
  const password = 'another long password';
  assert.equal((await byLink.submit('/settings/password', { password, repeat: password }, '/settings')).status, 303);
  const other = chat.visitor();
  assert.equal((await other.submit('/login', { name: 'Ann', password })).status, 303);
  assert.equal((await byLink.submit('/settings/sessions', {}, '/settings')).status, 303);
  assert.equal((await byLink.submit('/settings/sessions', {}, '/settings')).status, 303);
  assert.equal((await byLink.submit('/settings/delete', { current: password }, '/settings')).status, 303);
  const page = await new AuditLog(chat.database, { days: 0, now: Date.now }).page();
  const sentences = page.entries.map((entry) => toSentence(entry, page, pageTranslator('en'))).toReversed();
  const former = `Deleted person ${handleOf(ann.id)}`;
  assert.deepEqual(sentences, [
    `Ada created a sign-in link for ${former}.`,
    `${former} signed in with a sign-in link, from 127.0.0.1.`,
    `${former} chose a new password, from 127.0.0.1.`,
    `${former} signed in from 127.0.0.1.`,
    `${former} signed out 1 other device, from 127.0.0.1.`,
    `${former} deleted their account (Member).`,
  ]);
});

test('who adds people to a private room and who owns a room is in the audit log, without what changes nothing', async (t) => {
  const chat = await serveChat(t, { rooms: { commandBurst: 1000 } });
  const { tables } = chat.database;
  const window = await RawSocket.open(await chat.person('Ann'));
  const ids: string[] = [];
  for (const name of ['Bob', 'Cleo']) {
    const { person } = (await (await (await chat.person(name)).get('/me')).json()) as { person: { id: string } };
    ids.push(person.id);
  }
  const [bob = '', cleo = ''] = ids;
  const make = async (kind: string): Promise<string> =>
    ((await window.do('make-room', { name: kind, kind }))['room'] as { readonly id: string }).id;
  const [open, closed] = [await make('public'), await make('private')];
  await tables.deleteFrom('audit').execute();
  for (const kind of ['public', 'private']) await window.do('make-room', { name: `new ${kind}`, kind, people: [cleo] });
  await window.do('add-people', { room: open, people: ids });
  await window.do('add-people', { room: closed, people: [bob] });
  await window.do('add-people', { room: closed, people: [bob] });
  await window.do('remove-person', { room: closed, person: bob });
  await window.do('add-people', { room: closed, people: [bob, cleo] });
  for (const role of ['owner', 'owner', 'member']) await window.do('set-role', { room: closed, person: bob, role });
  const page = await new AuditLog(chat.database, { days: 0, now: Date.now }).page();
  const inBoth = (['en', 'zh-CN'] as const).map((language) =>
    page.entries.map((entry) => toSentence(entry, page, pageTranslator(language))).toReversed(),
  );
  const first = page.entries.find(({ details }) => details['count'] === 2)?.details['person'] === bob ? 'Bob' : 'Cleo';
  assert.deepEqual(inBoth, [
    [
      'Ann added 1 person to the private room “new private”: Cleo.',
      'Ann added 1 person to the private room “private”: Bob.',
      'Ann removed Bob from the room “private”.',
      `Ann added 2 people to the private room “private”, ${first} among them.`,
      'Ann made Bob an owner of the room “private”.',
      'Ann took the role of owner of the room “private” from Bob.',
    ],
    [
      'Ann添加了 1 人到私密房间“new private”，其中有Cleo。',
      'Ann添加了 1 人到私密房间“private”，其中有Bob。',
      'Ann将Bob移出了房间“private”。',
      `Ann添加了 2 人到私密房间“private”，其中有${first}。`,
      'Ann将Bob设为房间“private”的房主。',
      'Ann取消了Bob在房间“private”的房主身份。',
    ],
  ]);
});
