/**
 * Two servers on one Redis and one PostgreSQL form one chat.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { startServer, Visitor, type ServerProcess } from './support/chat-server.ts';
import { severalServers } from './support/storages.ts';

const { skip, open } = severalServers;

async function twoServers(
  t: TestContext,
  more: readonly string[] = [],
): Promise<{ one: ServerProcess; other: ServerProcess; args: readonly string[] }> {
  const storage = await open(t);
  const args = [...storage.args, ...more, '--presence-lease-ms=1000', '--presence-grace-ms=0'];
  const [one, other] = await Promise.all([startServer(t, { args }), startServer(t, { args })]);
  return { one, other, args };
}

async function person(t: TestContext, server: ServerProcess, name: string): Promise<Visitor> {
  const visitor = new Visitor(t, server.url);
  await visitor.register(name);
  return visitor;
}

/** Connects Ann to one server and then Bob to the other, both subscribed to the lobby. */
async function annAndBob(t: TestContext): Promise<{ ann: RawSocket; bob: RawSocket; other: ServerProcess }> {
  const { one, other } = await twoServers(t);
  const ann = await RawSocket.open(await person(t, one, 'Ann'));
  const bob = await RawSocket.open(await person(t, other, 'Bob'));
  await ann.do('subscribe', { room: 'lobby' });
  await ann.frame({ type: 'people', count: 1 });
  await bob.do('subscribe', { room: 'lobby' });
  await ann.frame({ type: 'presence', count: 2 });
  return { ann, bob, other };
}

test('people on different servers see each other and their messages', { skip }, async (t) => {
  const { ann, bob } = await annAndBob(t);
  const people = await bob.frame({ type: 'people', count: 2 });
  assert.deepEqual((people['people'] as { name: string }[]).map(({ name }) => name).toSorted(), ['Ann', 'Bob']);

  await ann.do('publish', { room: 'lobby', id: 'a', data: { text: '你好 from one' } });
  await bob.do('publish', { room: 'lobby', id: 'b', data: { text: 'hello from the other' } });
  for (const window of [ann, bob]) {
    await window.frame({ type: 'message', offset: 2 });
    const received = window.frames.filter((frame) => frame['type'] === 'message');
    assert.deepEqual(
      received.map((frame) => [frame['offset'], frame['id'], (frame['author'] as { name: string }).name]),
      [
        [1, 'a', 'Ann'],
        [2, 'b', 'Bob'],
      ],
    );
  }
  bob.close();
  await ann.frame({ type: 'presence', count: 1 });
});

test(
  'a person with windows on both servers is counted once, and both windows show the same rooms',
  { skip },
  async (t) => {
    const { one, other } = await twoServers(t);
    const visitor = await person(t, one, 'Ann');
    const here = await RawSocket.open(visitor);
    visitor.url = other.url;
    const there = await RawSocket.open(visitor);
    await here.do('subscribe', { room: 'lobby' });
    await there.do('subscribe', { room: 'lobby' });
    await there.frame({ type: 'people', room: 'lobby', count: 1 });
    const room = (await here.do('make-room', { name: 'Tea' }))['room'] as Frame;
    await there.frame({ type: 'joined', room });
    await there.do('subscribe', { room: room['id'] });
    await here.do('leave-room', { room: room['id'] });
    await there.frame({ type: 'left', room: room['id'] });
    assert.equal(
      (await there.ask('publish', { room: room['id'], id: 'x', data: { text: 'still here' } }))['code'],
      'ROOM_NOT_MEMBER',
    );
    assert.equal((await there.ask('make-room', { name: 'TEA' }))['code'], 'CHAT_ROOM_NAME_TAKEN');
  },
);

test('the first message of a direct conversation shows it to a person on the other server', { skip }, async (t) => {
  const { ann, bob } = await annAndBob(t);
  const { people } = await bob.frame({ type: 'people', count: 2 });
  const ids = Object.fromEntries((people as { id: string; name: string }[]).map(({ id, name }) => [name, id]));
  const { id: room } = (await ann.do('open-direct', { people: [ids['Bob']] }))['room'] as Frame;
  await ann.do('publish', { room, id: '1', data: { text: 'hello' } });
  const joined = (await bob.frame({ type: 'joined' }))['room'] as Frame;
  assert.deepEqual([joined['id'], joined['topSeq'], joined['readSeq']], [room, 1, 0]);
  await bob.do('subscribe', { room });
});

test('a log-out on one server closes the windows on the other', { skip }, async (t) => {
  const { one, other } = await twoServers(t);
  const visitor = await person(t, one, 'Ann');
  visitor.url = other.url;
  const there = await RawSocket.open(visitor);
  visitor.url = one.url;
  await visitor.submit('/logout', {}, '/');
  assert.deepEqual(await there.closed, { code: 4401, reason: 'ended by the person' });
});

test('limits failed sign-ins across servers', { skip }, async (t) => {
  const { one, other } = await twoServers(t);
  await person(t, one, 'Ann');
  for (let count = 0; count < 6; count++) {
    const visitor = new Visitor(t, count % 2 === 0 ? one.url : other.url);
    const response = await visitor.submit('/login', { name: 'Ann', password: 'wrong horse' });
    assert.equal(response.status, count < 5 ? 400 : 429);
  }
});

test('people of a killed server leave when their lease ends', { skip }, async (t) => {
  const { ann, other } = await annAndBob(t);
  await other.end('SIGKILL');
  const gone = await ann.frame({ type: 'presence', count: 1 });
  assert.deepEqual(
    (gone['left'] as { name: string }[]).map(({ name }) => name),
    ['Bob'],
  );
});

test('without Redis /health reports the failing parts, and the server shuts down in order', { skip }, async (t) => {
  const storage = await open(t);
  const server = await startServer(t, { args: storage.args });
  const ann = await RawSocket.open(await person(t, server, 'Ann'));
  await ann.do('subscribe', { room: 'lobby' });
  await storage.redis?.kill();
  const health = await fetch(`${server.url}/health`);
  assert.equal(health.status, 503);
  const { checkedAt, ...rest } = (await health.json()) as { readonly checkedAt: number };
  assert.equal(typeof checkedAt, 'number');
  assert.deepEqual(rest, { status: 'unavailable', failed: ['broker'] });
  const refused = await ann.ask('publish', { room: 'lobby', id: 'a', data: { text: 'hello' } });
  assert.equal(refused['code'], 'ROOM_UNAVAILABLE');
  assert.equal(refused['retry'], true);
  assert.equal((await new Visitor(t, server.url).get('/login')).status, 200);
  assert.equal(await server.end('SIGTERM'), 0);
  assert.equal((await ann.closed).code, 1012);
});

test('a session that ends because of the limit closes its windows on the other server', { skip }, async (t) => {
  const { one, other } = await twoServers(t, ['--sessions-per-person=1']);
  const ann = await person(t, one, 'Ann');
  const window = await RawSocket.open(ann);
  const elsewhere = new Visitor(t, other.url);
  await elsewhere.logIn('Ann');
  assert.deepEqual(await window.closed, { code: 4401, reason: 'the session ended' });
  assert.equal((await ann.get('/')).status, 302);
  assert.equal((await elsewhere.get('/')).status, 200);
});

test('both servers refuse a name after failures on either', { skip }, async (t) => {
  const { one, other } = await twoServers(t);
  await person(t, one, 'Ann');
  for (let count = 0; count < 5; count++) {
    const visitor = new Visitor(t, count % 2 === 0 ? one.url : other.url);
    assert.equal((await visitor.submit('/login', { name: 'Ann', password: 'wrong horse' })).status, 400);
  }
  for (const server of [one, other]) {
    const visitor = new Visitor(t, server.url);
    assert.equal((await visitor.submit('/login', { name: 'Ann', password: 'wrong horse' })).status, 429);
  }
});
