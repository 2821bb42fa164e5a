import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change } from '../../../test/support/web/session-changes.ts';
import { testApp } from '../../testing/test-app.ts';
import { Application } from '../application.ts';
import { MemorySessionStore } from './memory/memory-session-store.ts';
import { hashSessionId } from './session-id.ts';
import { sessions } from './sessions.ts';
import type { SessionsOptions } from './sessions-options.ts';
import { dayMs, start, startSessions } from '../../../test/support/web/served-sessions.ts';

test('the cookie is set once, for a new session only, and holds 128 random bits', async (t) => {
  const { run, browser } = await startSessions(t);
  const [ada, eve] = [browser(), browser()];
  await run(ada, (session) => session.get('a'));
  assert.deepEqual(ada.lastSetCookies, []);
  await run(ada, (session) => {
    session.set('a', 1);
    session.delete('a');
  });
  assert.deepEqual(ada.lastSetCookies, [], 'a session without values is none');
  await run(ada, (session) => session.set('a', 1));
  const [field = ''] = ada.lastSetCookies;
  assert.match(field, /^session=[\w-]{22}; HttpOnly; Max-Age=7776000; Path=\/; SameSite=Lax$/);
  await run(ada, (session) => session.set('a', 2));
  assert.deepEqual(ada.lastSetCookies, []);
  await run(eve, (session) => session.set('a', 1));
  assert.notEqual(eve.cookies.get('session'), ada.cookies.get('session'));
});

test('a forged, cut or foreign id never becomes a session', async (t) => {
  const { run, browser } = await startSessions(t);
  const ada = browser();
  await run(ada, (session) => session.set('a', 1));
  const id = ada.cookies.get('session') ?? '';
  for (const wrong of [id.slice(1), `${id}a`, `${id.slice(0, -1)}!`, 'x'.repeat(22), '', 'a'.repeat(65), '__proto__']) {
    const eve = browser();
    eve.cookies.set('session', wrong);
    assert.equal(await run(eve, (session) => session.get('a') ?? session.handle), null, wrong);
    assert.deepEqual(eve.lastSetCookies, []);
    await run(eve, (session) => session.set('b', 2));
    assert.notEqual(eve.cookies.get('session'), wrong);
    assert.deepEqual(await run(eve, (session) => session.keys()), ['b']);
  }
  assert.deepEqual(await run(ada, (session) => session.keys()), ['a']);
});

test('finds the cookie among others, also in forms that no browser writes', async (t) => {
  const { run, browser, served } = await startSessions(t);
  const ada = browser();
  await run(ada, (session) => session.set('a', 1));
  const id = ada.cookies.get('session') ?? '';
  const other = 'x'.repeat(22);
  const read = async (cookie: string): Promise<boolean> => {
    const response = await served.get('/keys', { headers: { cookie } });
    return (await response.text()) === '{"keys":["a"]}';
  };
  for (const cookie of [
    `session=${id}`,
    `b=1; session=${id}; c=2`,
    `mysession=${other}; session=${id}`,
    `b=1;session=${id}`,
    `session="${id}"`,
  ]) {
    assert.ok(await read(cookie), cookie);
  }
  for (const cookie of [
    `mysession=${id}`,
    `b=session=${id}`,
    `session=${other}; session=${id}`,
    `b="; session=${other}"; session=${id}`,
    '',
  ]) {
    assert.equal(await read(cookie), false, cookie);
  }
});

test('rotate changes the id and keeps the login', async (t) => {
  const { run, browser, all } = await startSessions(t);
  const ada = browser();
  await run(ada, (session) => session.login('ada'));
  const before = ada.cookies.get('session');
  await run(ada, (session) => session.rotate());
  assert.notEqual(ada.cookies.get('session'), before);
  assert.equal(await run(ada, (session) => session.person), 'ada');
  assert.equal((await all.of('ada')).length, 1);
  const eve = browser();
  await run(eve, (session) => session.rotate());
  assert.deepEqual(eve.lastSetCookies, [], 'there is nothing to rotate');
});

test('over https the cookie is for this host only', async (t) => {
  const fieldOf = async (options: SessionsOptions, origin: string): Promise<string> => {
    const tested = await testApp(appWith(options), { t, origin });
    return (await tested.request('/')).headers.getSetCookie().join();
  };
  assert.match(
    await fieldOf({}, 'https://a.example'),
    /^__Host-session=[^;]+; HttpOnly; Max-Age=7776000; Path=\/; SameSite=Lax; Secure$/,
  );
  assert.match(
    await fieldOf({ endsWithBrowser: true }, 'http://a.example'),
    /^session=[^;]+; HttpOnly; Path=\/; SameSite=Lax$/,
  );
  assert.match(
    await fieldOf({ cookieName: 'sid', cookie: { domain: 'a.example', sameSite: 'Strict' } }, 'https://a.example'),
    /^sid=[^;]+; Domain=a.example; HttpOnly; Max-Age=7776000; Path=\/; SameSite=Strict; Secure$/,
  );
  assert.match(await fieldOf({ absoluteMs: 500 * dayMs }, 'http://a.example'), /Max-Age=34560000/);
});

test('a session of another system goes on under its id', async (t) => {
  const store = new MemorySessionStore();
  const former = 'f'.repeat(43);
  store.save(
    {
      id: hashSessionId(former),
      from: 'new',
      person: 'ada',
      createdAt: start,
      seenAt: start,
      expiresAt: start + dayMs,
      isLogin: true,
      clears: false,
      values: new Map([['a', '1']]),
      expected: undefined,
      limits: { maxBytes: 100, maxKeys: 1, maxPerPerson: 1 },
    },
    start,
  );
  const { run, browser } = await startSessions(t, { store, formerId: (handler) => handler.getCookie('old') });
  const ada = browser();
  ada.cookies.set('old', former);
  assert.deepEqual(await run(ada, (session) => [session.person, session.get('a')]), ['ada', 1]);
  assert.equal(ada.cookies.get('session'), former);
  await run(ada, (session) => session.end());
  assert.equal(await run(ada, (session) => session.person), null);
});

test('a cookie that is no id does not hide the id of another system', async (t) => {
  const store = new MemorySessionStore();
  const former = 'f'.repeat(43);
  store.save({ ...change(hashSessionId(former), {}, { from: 'new', person: 'ada' }), expiresAt: start + dayMs }, start);
  const { run, browser } = await startSessions(t, { store, formerId: () => former });
  const ada = browser();
  ada.cookies.set('session', '2|1:0|10:1700000000|7:session|4:YWRh|signature');
  assert.equal(await run(ada, (session) => session.person), 'ada');
  assert.equal(ada.cookies.get('session'), former);
});

function appWith(options: SessionsOptions): Application {
  return new Application([['/', (_, { session }) => session.set('a', 1)]], { sessions: sessions(options) });
}
