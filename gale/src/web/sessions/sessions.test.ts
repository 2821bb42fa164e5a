import assert from 'node:assert/strict';
import { test } from 'node:test';
import { change } from '../../../test/support/web/session-changes.ts';
import { SessionBrowser } from '../../../test/support/web/session-browser.ts';
import { serve } from '../../../test/support/web/web-server.ts';
import { Application } from '../application.ts';
import { RequestHandler } from '../handler.ts';
import { MemorySessionStore } from './memory/memory-session-store.ts';
import { hashSessionId } from './session-id.ts';
import { sessions } from './sessions.ts';
import { dayMs, openSqlite, start, startSessions } from '../../../test/support/web/served-sessions.ts';

test('keeps values between the requests of one browser, and of no other', async (t) => {
  const { run, browser } = await startSessions(t);
  const [ada, eve] = [browser(), browser()];
  await run(ada, (session) => session.set('cart', ['book', { id: 7 }]));
  assert.deepEqual(await run(ada, (session) => session.get('cart')), ['book', { id: 7 }]);
  assert.equal(await run(eve, (session) => session.get('cart')), null);
  await run(ada, (session) => session.delete('cart'));
  assert.deepEqual(await run(ada, (session) => [session.has('cart'), session.keys()]), [false, []]);
});

test('a login changes the id, keeps the values, and lists the session', async (t) => {
  const { run, browser, all } = await startSessions(t);
  const ada = browser();
  await run(ada, (session) => session.set('cart', ['book']));
  const before = ada.cookies.get('session') ?? '';
  await run(ada, (session) => {
    session.login('ada');
    session.set('device', 'Firefox');
  });
  assert.notEqual(ada.cookies.get('session'), before);
  assert.deepEqual(await run(ada, (session) => session.person), 'ada');
  const [listed, ...rest] = await all.of('ada');
  assert.deepEqual(rest, []);
  assert.deepEqual(listed?.values, { cart: ['book'], device: 'Firefox' });
  assert.equal(listed?.handle, await run(ada, (session) => session.handle));
  const eve = browser();
  eve.cookies.set('session', before);
  assert.deepEqual(await run(eve, (session) => session.keys()), [], 'the id before the login is worthless');
});

test('a session ends after idleMs without use, and after absoluteMs in any case', async (t) => {
  const { run, browser, pass } = await startSessions(t, { idleMs: 2 * dayMs, absoluteMs: 7 * dayMs });
  const ada = browser();
  await run(ada, (session) => session.set('a', 1));
  const isAlive = async (): Promise<boolean> => (await run(ada, (session) => session.get('a'))) === 1;
  for (const days of [1.9, 1.9, 1.9]) {
    pass(days * dayMs);
    assert.ok(await isAlive());
    assert.deepEqual(ada.lastSetCookies, []);
  }
  pass(1.3 * dayMs);
  assert.equal(await isAlive(), false);
  const bob = browser();
  await run(bob, (session) => session.set('a', 1));
  pass(2 * dayMs);
  assert.equal(await run(bob, (session) => session.get('a')), null);
});

test('a login ends the session over maxPerPerson, and onEnd is notified', async (t) => {
  const ended: string[][] = [];
  const { run, browser, all, pass } = await startSessions(t, {
    maxPerPerson: 2,
    onEnd: (handles) => ended.push([...handles]),
  });
  const browsers = [browser(), browser(), browser()];
  const handles: unknown[] = [];
  for (const one of browsers) {
    await run(one, (session) => session.login('ada'));
    handles.push(await run(one, (session) => session.handle));
    pass(1000);
  }
  assert.deepEqual(ended, [[handles[0]]]);
  const [first, second, third] = browsers;
  assert.equal(await run(first ?? browser(), (session) => session.person), null);
  assert.deepEqual(
    (await all.of('ada')).map(({ handle }) => handle),
    [handles[2], handles[1]],
  );
  assert.deepEqual(await all.living([...handles, 'x', 'f'.repeat(64)].map(String)), new Set([handles[1], handles[2]]));
  assert.deepEqual(await all.endOthers('ada', String(handles[2])), [handles[1]]);
  assert.equal(await run(second ?? browser(), (session) => session.person), null);
  assert.equal(await run(third ?? browser(), (session) => session.person), 'ada');
  assert.equal(await all.end(String(handles[2])), true);
  assert.equal(await all.end(String(handles[2])), false);
  assert.equal(await all.end('no handle'), false);
  assert.deepEqual(await all.endAll('ada'), []);
  assert.deepEqual(ended.slice(1), [[handles[1]], [handles[2]]]);
});

test('a logout ends the session and deletes its cookie', async (t) => {
  const { run, browser } = await startSessions(t);
  const ada = browser();
  await run(ada, (session) => session.login('ada'));
  const id = ada.cookies.get('session') ?? '';
  await run(ada, (session) => session.end());
  assert.match(ada.lastSetCookies.join(), /^session=""; Expires=Thu, 01 Jan 1970/);
  ada.cookies.set('session', id);
  assert.equal(await run(ada, (session) => session.person), null);
  await run(ada, (session) => {
    session.end();
    session.set('notice', 'You are signed out.');
  });
  assert.notEqual(ada.cookies.get('session'), id);
  assert.equal(await run(ada, (session) => session.get('notice')), 'You are signed out.');
});

test('another person who signs in gets none of the values of the one before', async (t) => {
  const { run, browser } = await startSessions(t);
  const shared = browser();
  await run(shared, (session) => {
    session.login('ada');
    session.set('secret', 'of ada');
  });
  await run(shared, (session) => session.login('ada'));
  assert.equal(await run(shared, (session) => session.get('secret')), 'of ada');
  await run(shared, async (session) => {
    session.login('bob');
    session.set('own', 1);
    assert.equal(session.get('secret'), undefined);
    await session.save();
    session.set('more', 2);
  });
  assert.deepEqual(await run(shared, (session) => [session.person, session.keys()]), ['bob', ['own', 'more']]);
});

test('a session is written at its first use after a twentieth of idleMs, and not by pages without it', async (t) => {
  const writes: string[] = [];
  class Counting extends MemorySessionStore {
    override save(...given: Parameters<MemorySessionStore['save']>): ReturnType<MemorySessionStore['save']> {
      writes.push('save');
      return super.save(...given);
    }
  }
  const { run, browser, pass } = await startSessions(t, { store: new Counting(), idleMs: 20_000, absoluteMs: 60_000 });
  const ada = browser();
  await run(ada, (session) => session.set('a', 1));
  const written = (): number => writes.splice(0).length;
  assert.equal(written(), 1);
  await run(ada, (session) => [session.get('a'), session.set('a', 1)]);
  assert.equal(written(), 0, 'the value is the same');
  pass(999);
  await run(ada, (session) => session.get('a'));
  assert.equal(written(), 0);
  pass(1);
  await ada.text('/plain');
  assert.equal(written(), 0);
  await run(ada, (session) => session.get('a'));
  assert.equal(written(), 1);
  assert.deepEqual(ada.lastSetCookies, []);
  pass(1000);
  await run(ada, async (session) => {
    session.get('a');
    await session.save();
  });
  assert.equal(written(), 1, 'save has renewed it');
});

test('renewAfterMs says how exactly the last use is known', async (t) => {
  const store = new MemorySessionStore();
  const { run, browser, all, pass } = await startSessions(t, { store, idleMs: 20 * 3_600_000, renewAfterMs: 60_000 });
  const ada = browser();
  await run(ada, (session) => session.login('ada'));
  const [{ seenAt: first } = { seenAt: new Date(0) }] = await all.of('ada');
  for (const [passed, seen] of [
    [59_999, 0],
    [1, 60_000],
    [3_600_000, 3_660_000],
  ] as const) {
    pass(passed);
    await run(ada, (session) => session.get('a'));
    const [session] = await all.of('ada');
    assert.equal(session!.seenAt.getTime() - first.getTime(), seen);
  }
});

test('shorter options also end the sessions that were stored with longer ones', async (t) => {
  const store = new MemorySessionStore();
  const id = 'a'.repeat(22);
  const longer = { from: 'new', person: 'ada', expiresAt: start + 900 * dayMs } as const;
  store.save({ ...change(hashSessionId(id), {}, longer), createdAt: start, seenAt: start }, start);
  const { run, browser, all, pass } = await startSessions(t, { store, idleMs: 2 * dayMs, absoluteMs: 5 * dayMs });
  const ada = browser();
  ada.cookies.set('session', id);
  const isAlive = async (): Promise<boolean> => {
    const listed = await all.of('ada');
    assert.equal((await run(ada, ({ person }) => person)) === 'ada', listed.length === 1);
    return listed.length === 1;
  };
  pass(2 * dayMs - 1);
  assert.equal(await isAlive(), true);
  // The request above has renewed it.
  const last = { seenAt: start + 5 * dayMs - 1, expiresAt: longer.expiresAt };
  store.save(change(hashSessionId(id), {}, last), start);
  pass(3 * dayMs);
  assert.equal(await isAlive(), true, 'seen a moment ago, and 1 ms before absoluteMs');
  pass(1);
  assert.equal(await isAlive(), false);
  const idle = 'b'.repeat(22);
  store.save(
    { ...change(hashSessionId(idle), {}, longer), createdAt: start + 5 * dayMs, seenAt: start + 3 * dayMs },
    start,
  );
  ada.cookies.set('session', idle);
  assert.equal(await isAlive(), false, 'not used for idleMs');
});

test('sessionOf is this.session of the application with these sessions, and of no other', async (t) => {
  const [shop, forum] = [sessions<{ cart: readonly string[] }>(), sessions<{ posts: number }>()];
  const inner = new Application(
    [['/own', (_, handler) => ({ isSame: Object.is(forum.sessionOf(handler), handler.session) })]],
    { sessions: forum },
  );
  const served = await serve(
    t,
    [
      [
        '/own',
        (_, handler) => ({
          isSame: Object.is(shop.sessionOf(handler), handler.session),
          isAll: handler.session.all === shop,
        }),
      ],
      ['/inner', inner],
      ['/other', (_, handler) => ({ keys: forum.sessionOf(handler).keys() })],
    ],
    { sessions: shop },
  );
  assert.deepEqual(await (await served.get('/own')).json(), { isSame: true, isAll: true });
  assert.deepEqual(await (await served.get('/inner/own')).json(), { isSame: true });
  assert.equal((await served.get('/other')).status, 500);
  await served.expectLine(/A handler failed/);
  assert.throws(() => shop.sessionOf({ settings: {} } as never), {
    code: 'WEB_SESSION',
    message: /^sessionOf\(\) needs a handler of/,
  });
});

test('classes without the session, mounted applications and initialize', async (t) => {
  class Without extends RequestHandler {
    static override readonly usesSession: boolean = false;

    get(): string {
      return String(this.session);
    }
  }
  class Early extends RequestHandler {
    override initialize(): void {
      this.session.get('a');
    }

    get(): void {}
  }
  const store = await openSqlite(t);
  const all = sessions({ store });
  t.after(() => all.close());
  const inner = new Application([['/keys', (_, { session }) => ({ keys: session.keys() })]], { sessions: all });
  const served = await serve(
    t,
    [
      ['/without', Without],
      ['/early', Early],
      ['/set', (_, { session }) => session.set('a', 1)],
      ['/inner', inner],
    ],
    { sessions: all },
  );
  const ada = new SessionBrowser(served);
  await ada.get('/set');
  assert.equal(await ada.text('/inner/keys'), '{"keys":["a"]}');
  for (const path of ['/without', '/early']) {
    assert.equal((await ada.get(path)).status, 500);
    assert.match(JSON.stringify(await served.expectLine(/A handler failed/)), /WEB_SESSION/);
  }
});

test('this.session needs the setting', async (t) => {
  const served = await serve(t, [['/', (_, handler) => String(handler.session)]]);
  assert.equal((await served.get('/')).status, 500);
  const line = await served.expectLine(/A handler failed/);
  assert.match(JSON.stringify(line), /WEB_SESSION/);
});
