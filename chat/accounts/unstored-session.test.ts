import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { markDeactivated, markReactivated } from '../people/deactivation.ts';
import { PeopleStore } from '../people/people-store.ts';
import { createSessions } from '../test/support/chat-sessions.ts';
import { serveChat, type ServedChat } from '../test/support/app.ts';
import { password, type Visitor } from '../test/support/chat-server.ts';
import { RawSocket } from '../test/support/raw-socket.ts';
import { FullSessionStore, newSession } from '../test/support/full-session-store.ts';
import type { ChatSessions } from './chat-sessions.ts';
import { EndedSessions } from './ended-sessions.ts';
import { readUnstoredToken } from './unstored-session.ts';

const hourMs = 3_600_000;
const start = Date.now();

function fresh(): { store: FullSessionStore; sessions: ChatSessions; pass: (ms: number) => void } {
  let now = start;
  const store = new FullSessionStore();
  return { store, sessions: createSessions(store, () => now), pass: (ms) => (now += ms) };
}

/** A chat with Ann, and a store of sessions that refuses writes after she registered. */
async function serveFull(t: TestContext): Promise<{
  chat: ServedChat;
  sessionStore: FullSessionStore;
  now: () => number;
  pass: (ms: number) => void;
}> {
  let time = Date.now();
  const now = (): number => time;
  const sessionStore = new FullSessionStore();
  const chat = await serveChat(t, { store: { sessions: sessionStore }, now });
  await chat.person('Ann');
  sessionStore.isFull = true;
  return { chat, sessionStore, now, pass: (ms) => (time += ms) };
}

async function nameOf(visitor: Visitor): Promise<string | undefined> {
  const { person } = (await (await visitor.get('/me')).json()) as { person: { name: string } | null };
  return person?.name;
}

test('a session that cannot be stored lasts one hour, and is not renewed', async (t) => {
  const { chat, pass } = await serveFull(t);
  const ann = chat.visitor();
  await ann.logIn('Ann');
  assert.equal(ann.cookies.has('session'), false);
  const cookie = ann.cookies.get('unstored-session');
  const other = chat.visitor();
  await other.logIn('Ann');
  assert.notEqual(other.cookies.get('unstored-session'), cookie, 'no two are the same');
  pass(hourMs - 1);
  assert.equal((await ann.get('/')).status, 200);
  assert.equal(ann.cookies.get('unstored-session'), cookie);
  assert.equal(await ann.handshake(), 101);
  pass(1);
  assert.equal(await nameOf(ann), undefined);
  assert.equal(await ann.handshake(), 401);
});

test('becomes a stored session with the next page when the store accepts writes again', async (t) => {
  const { chat, sessionStore } = await serveFull(t);
  const ann = chat.visitor();
  await ann.logIn('Ann');
  sessionStore.isFull = false;
  assert.equal(await nameOf(ann), 'Ann');
  assert.equal(ann.cookies.has('session'), false);
  const page = await (await ann.get('/')).text();
  const cookie = ann.cookies.get('session');
  assert.ok(cookie);
  assert.equal(ann.cookies.has('unstored-session'), false);
  // The page is bound to the stored session.
  const token = /name="_xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '';
  assert.equal((await ann.get('/')).status, 200);
  assert.equal(ann.cookies.get('session'), cookie, 'once is enough');
  assert.equal((await ann.post('/logout', { _xsrf: token })).status, 303);
  assert.deepEqual(
    [...ann.cookies.keys()].filter((name) => name.includes('session')),
    [],
  );
});

test('does not outlive a new password', async (t) => {
  const { chat, sessionStore, pass } = await serveFull(t);
  const [thief, ann] = [chat.visitor(), chat.visitor()];
  for (const visitor of [thief, ann]) await visitor.logIn('Ann');
  const socket = await RawSocket.open(thief);
  sessionStore.isFull = false;
  pass(1);
  const changed = await ann.submit(
    '/settings/password',
    { current: password, password: 'another good one' },
    '/settings',
  );
  assert.equal(changed.status, 303);
  assert.equal((await thief.get('/')).status, 302);
  assert.equal(thief.cookies.has('session'), false);
  assert.equal((await socket.closed).code, 4401);
  assert.equal(await nameOf(ann), 'Ann');
});

test('does not outlive the sign-out of all other devices', async (t) => {
  const { chat, sessionStore, pass } = await serveFull(t);
  const [phone, ann] = [chat.visitor(), chat.visitor()];
  for (const visitor of [phone, ann]) await visitor.logIn('Ann');
  const socket = await RawSocket.open(phone);
  sessionStore.isFull = false;
  pass(1);
  assert.equal((await ann.submit('/settings/sessions', {}, '/settings')).status, 303);
  assert.equal((await phone.get('/')).status, 302);
  assert.equal(phone.cookies.has('session'), false);
  assert.equal((await socket.closed).code, 4401);
  assert.equal(await nameOf(ann), 'Ann');
});

test('does not outlive a deactivation', async (t) => {
  const { chat, now, pass } = await serveFull(t);
  const ann = chat.visitor();
  await ann.logIn('Ann');
  const people = new PeopleStore(chat.database);
  const { id } = await chat.database.tables.selectFrom('person').select('id').executeTakeFirstOrThrow();
  const at = now();
  assert.equal(await markDeactivated(people, id, { actorId: null, at }), 'done');
  assert.equal(await markReactivated(people, id, { actorId: null, at }), 'done');
  assert.equal((await ann.get('/')).status, 302);
  pass(1);
  await ann.logIn('Ann');
  assert.equal((await ann.get('/')).status, 200, 'a later one is valid');
});

test('a forged one signs nobody in', async (t) => {
  const { chat } = await serveFull(t);
  const ann = chat.visitor();
  await ann.logIn('Ann');
  const eve = chat.visitor();
  const genuine = ann.cookies.get('unstored-session') ?? '';
  for (const forged of [
    genuine.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    `~${Date.now() + hourMs}.AAAA.person`,
    ann.cookies.get('known') ?? '',
  ]) {
    eve.cookies.set('unstored-session', forged);
    assert.equal(await nameOf(eve), undefined, forged);
  }
  eve.cookies.set('unstored-session', genuine);
  assert.equal(await nameOf(eve), 'Ann', 'the genuine one does');
});

test('replaces the stored session of the browser, which ends', async (t) => {
  const { chat, sessionStore } = await serveFull(t);
  sessionStore.isFull = false;
  const visitor = await chat.person('Bob');
  const copy = chat.visitor();
  for (const [name, value] of visitor.cookies) copy.cookies.set(name, value);
  const token = /name="_xsrf" value="([^"]+)"/.exec(await (await chat.visitor().get('/login')).text())?.[1] ?? '';
  visitor.cookies.set('_xsrf', token);
  sessionStore.isFull = true;
  assert.equal((await visitor.post('/login', { name: 'Ann', password, _xsrf: token })).status, 303);
  assert.equal(visitor.cookies.has('session'), false);
  assert.equal(await nameOf(visitor), 'Ann');
  assert.equal(await nameOf(copy), undefined);
});

test('is a living session until it expires or its end was recorded', async () => {
  const { sessions, pass } = fresh();
  const ids = ['ann', 'bob'].map((person) => readUnstoredToken(sessions.beginUnstored(person))?.id ?? '');
  const [ann = '', bob = ''] = ids;
  assert.deepEqual(await sessions.living([...ids, 'none']), new Set(ids));
  sessions.noteEnded(bob, start + hourMs);
  assert.deepEqual(await sessions.living(ids), new Set([ann]));
  assert.equal(sessions.endedUntil(bob), start + hourMs);
  pass(hourMs);
  assert.deepEqual(await sessions.living(ids), new Set());
});

test('a stored session that cannot be deleted ends at once, and is deleted later', async (t) => {
  const { chat, sessionStore } = await serveFull(t);
  sessionStore.isFull = false;
  const ann = chat.visitor();
  await ann.logIn('Ann');
  const copy = chat.visitor();
  for (const [name, value] of ann.cookies) copy.cookies.set(name, value);
  sessionStore.isFull = true;
  assert.equal((await ann.submit('/logout', {}, '/')).status, 303);
  assert.equal(ann.cookies.has('session'), false);
  assert.equal(await nameOf(copy), undefined);
});

test('an end that the store refused is repeated', async () => {
  const { store, sessions } = fresh();
  const id = 'a'.repeat(64);
  store.save(newSession(id, start, hourMs), start);
  store.isFull = true;
  assert.equal(await sessions.stored.end(id), true);
  assert.deepEqual(await sessions.living([id]), new Set());
  assert.deepEqual(await sessions.stored.of('ann'), []);
  assert.ok(sessions.endedUntil(id));
  await assert.rejects(sessions.deleteEnded(), { code: 'ROOM_UNAVAILABLE' });
  assert.equal(store.list('ann', start).length, 1);
  store.isFull = false;
  await sessions.deleteEnded();
  assert.equal(store.list('ann', start).length, 0);
});

test('does not treat another error as a full store', async (t) => {
  const messages: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (_: object, message: string) => void messages.push(message) };
  const chat = await serveChat(t, { log });
  await chat.person('Ann');
  t.mock.method(chat.store.sessions, 'save', () => Promise.reject(new TypeError('a fault')));
  const visitor = chat.visitor();
  const response = await visitor.submit('/login', { name: 'Ann', password });
  assert.equal(response.status, 503);
  assert.deepEqual(messages, ['A handler failed']);
  assert.equal(await nameOf(visitor), undefined);
});

test('remembers ended sessions until they would have expired, and at most 10,000', () => {
  let now = 0;
  const ended = new EndedSessions(() => now);
  for (let count = 0; count < 10_000; count++) ended.add(`id ${count}`, count < 5000 ? 10 : 1000);
  now = 10;
  ended.add('one more', 1000);
  assert.ok(ended.has('id 9999') && ended.has('id 5000') && ended.has('one more'));
  assert.deepEqual([ended.has('id 0'), ended.has('id 4999')], [false, false], 'those that are over make place');
  for (let count = 0; count < 10_000; count++) ended.add(`new ${count}`, 1000);
  assert.ok(!ended.has('id 9999'), 'the oldest are forgotten');
  assert.ok(ended.has('new 0'));
});

test('deletes a session from the store once, and not at all if its entry was removed as the oldest', async () => {
  const deleted: string[] = [];
  const store = {
    end: async (ids: readonly string[]): Promise<readonly string[]> => {
      deleted.push(...ids);
      return ids;
    },
  };
  const ended = new EndedSessions(() => 0);
  ended.addUndeleted('oldest', 1000);
  for (let count = 0; count < 9999; count++) ended.add(`id ${count}`, 1000);
  ended.addUndeleted('newest', 1000);
  await ended.deleteFrom(store);
  assert.deepEqual(deleted, ['newest']);
  await ended.deleteFrom(store);
  assert.deepEqual(deleted, ['newest']);
});
