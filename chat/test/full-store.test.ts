/**
 * While the store refuses writes, people can sign in and read. Other actions are refused with an explanation.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { fullStores } from './support/full-store.ts';
import { password, Visitor } from './support/chat-server.ts';

/** The name of the person who is signed in with these cookies. */
async function whoIs(visitor: Visitor): Promise<string | undefined> {
  const { person } = (await (await visitor.get('/me')).json()) as { person: { name: string } | null };
  return person?.name;
}

function sessionCookies({ cookies }: Visitor): string[] {
  return [...cookies.keys()].filter((name) => name.includes('session'));
}

for (const { name, skip, failing, start } of fullStores) {
  const hasDatabase = !failing.includes('database');
  const hasBroker = !failing.includes('broker');
  test(`${name}: people can sign in and read, and a retried message is stored later`, { skip }, async (t) => {
    const { server, refuseWrites, allowWrites } = await start(t);
    const ann = new Visitor(t, server.url);
    await ann.register('Ann');
    const before = await RawSocket.open(ann);
    await before.do('publish', { room: 'lobby', id: 'a', data: { text: 'hello' } });
    const { id: room } = (await before.do('make-room', { name: 'Tea' }))['room'] as { id: string };
    await refuseWrites();

    const phone = new Visitor(t, server.url);
    await phone.logIn('Ann');
    assert.equal((await phone.get('/')).status, 200);
    assert.equal(await whoIs(phone), 'Ann');
    const window = await RawSocket.open(phone);
    const rooms = window.frames[0]?.['rooms'] as Frame[];
    assert.deepEqual(
      rooms.map((shown) => [shown['name'], shown['member'], shown['top']]),
      [
        ['Lobby', true, 1],
        ['Tea', true, 0],
      ],
    );
    await window.do('subscribe', { room: 'lobby' });
    await window.frame({ type: 'message', room: 'lobby', id: 'a' });
    await window.do('subscribe', { room });

    const publish = { room: 'lobby', id: 'b', data: { text: 'later' } };
    if (!hasBroker) {
      const refused = await window.ask('publish', publish);
      assert.deepEqual([refused['code'], refused['retry']], ['ROOM_UNAVAILABLE', true]);
    }
    if (!hasDatabase) {
      const refused = await window.ask('make-room', { name: 'Coffee' });
      assert.deepEqual([refused['code'], refused['retry']], ['ROOM_UNAVAILABLE', true]);
    }
    const left = await window.ask('leave-room', { room });
    assert.ok(left['type'] === 'reply' || left['code'] === 'ROOM_UNAVAILABLE', JSON.stringify(left));
    await window.do('ping');

    await allowWrites();
    for (;;) {
      const reply = await window.ask('publish', publish);
      if (reply['type'] === 'reply') break;
      assert.equal(reply['retry'], true, JSON.stringify(reply));
    }
    await window.frame({ type: 'message', room: 'lobby', id: 'b' });
    for (;;) {
      const reply = await window.ask('make-room', { name: 'Coffee' });
      if (reply['type'] === 'reply') break;
      assert.equal(reply['retry'], true, JSON.stringify(reply));
    }
    // The next page stores the session.
    assert.deepEqual(sessionCookies(phone), [hasDatabase ? 'session' : 'unstored-session']);
    assert.equal((await phone.get('/')).status, 200);
    assert.deepEqual(sessionCookies(phone), ['session']);
    assert.equal(await whoIs(phone), 'Ann');
  });

  test(
    `${name}: registration ${hasDatabase ? 'works' : 'is refused with an explanation'}, and failed sign-ins stay limited`,
    { skip },
    async (t) => {
      const { server, refuseWrites } = await start(t);
      await new Visitor(t, server.url).register('Ann');
      await refuseWrites();
      const visitor = new Visitor(t, server.url);
      for (const [language, words] of [
        ['en', 'Nothing can be saved just now.'],
        ['zh-CN', '暂时无法保存'],
      ] as const) {
        visitor.cookies.set('lang', language);
        const response = await visitor.submit('/register', { name: 'Bob', password });
        if (hasDatabase) {
          // An account needs the database only.
          assert.equal(response.status, 303);
          visitor.cookies.clear();
          break;
        }
        assert.equal(response.status, 503);
        assert.equal(response.headers.get('retry-after'), '60');
        const page = await response.text();
        assert.ok(page.includes(words), page);
        assert.ok(page.includes('value="Bob"'), page);
      }
      for (let count = 1; count <= 6; count++) {
        const response = await visitor.submit('/login', { name: 'Ann', password: 'wrong horse' });
        assert.equal(response.status, count <= 5 ? 400 : 429, `attempt ${count}`);
      }
    },
  );

  test(`${name}: an ended session stays ended`, { skip }, async (t) => {
    const { server, startAnother, refuseWrites, allowWrites } = await start(t);
    const other = await startAnother?.();
    const ann = new Visitor(t, server.url);
    await ann.register('Ann');
    await refuseWrites();
    const phone = new Visitor(t, server.url);
    await phone.logIn('Ann');
    // One visitor has a stored session, the other one an unstored one.
    for (const visitor of [ann, phone]) {
      const there = new Visitor(t, other?.url ?? server.url);
      for (const [key, value] of visitor.cookies) there.cookies.set(key, value);
      assert.equal(await whoIs(there), 'Ann', 'every server accepts the session');
      const window = await RawSocket.open(there);
      assert.equal((await visitor.submit('/logout', {}, '/')).status, 303);
      assert.deepEqual(sessionCookies(visitor), []);
      assert.equal((await window.closed).code, 4401);
      assert.equal(await whoIs(there), undefined, 'no server accepts the cookie after the log-out');
    }
    await allowWrites();
    await phone.logIn('Ann');
    assert.equal(await whoIs(phone), 'Ann');
  });

  // A database must accept writes when it is opened.
  if (!hasDatabase) continue;
  test(`${name}: people can sign in and read on a server that starts in this condition`, { skip }, async (t) => {
    const { server, startAnother, refuseWrites } = await start(t);
    const ann = new Visitor(t, server.url);
    await ann.register('Ann');
    await (await RawSocket.open(ann)).do('publish', { room: 'lobby', id: 'a', data: { text: 'hello' } });
    await refuseWrites();
    assert.ok(startAnother);
    const { url } = await startAnother();
    assert.equal((await fetch(`${url}/health`)).status, 503);
    ann.url = url;
    assert.equal(await whoIs(ann), 'Ann');
    const phone = new Visitor(t, url);
    await phone.logIn('Ann');
    for (const visitor of [ann, phone]) {
      const window = await RawSocket.open(visitor);
      await window.do('subscribe', { room: 'lobby' });
      await window.frame({ type: 'message', room: 'lobby', id: 'a' });
    }
  });
}
