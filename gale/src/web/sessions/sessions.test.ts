import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { change } from '../../../test/support/web/session-changes.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { SessionBrowser } from '../../../test/support/web/session-browser.ts';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import type { GaleError } from '../../errors.ts';
import { testApp } from '../../testing/test-app.ts';
import { connectWebSocket } from '../../websocket/client/client.ts';
import { Application } from '../application.ts';
import { RequestHandler } from '../handler.ts';
import { HttpError } from '../http-error.ts';
import type { FunctionContext } from '../route.ts';
import type { Settings } from '../settings.ts';
import { WebSocketHandler } from '../websocket-handler.ts';
import { MemorySessionStore } from './memory/memory-session-store.ts';
import { hashSessionId } from './session-id.ts';
import { readSessionText, toSessionText } from './session-json.ts';
import { SqliteSessionStore } from './sqlite/sqlite-session-store.ts';
import type { SaveResult } from './session-store.ts';
import type { Session } from './session.ts';
import { sessions, type Sessions } from './sessions.ts';
import type { SessionsOptions } from './sessions-options.ts';

const start = 1_700_000_000_000;
const dayMs = 86_400_000;

/** Runs a step with the session of the request, and responds with what it returns, as JSON. */
type Step = (session: Session, handler: FunctionContext) => unknown;

interface Started {
  readonly served: Served;
  readonly all: Sessions;
  /** Runs a step in a request of this browser. */
  run(browser: SessionBrowser, step: Step): Promise<unknown>;
  browser(): SessionBrowser;
  pass(ms: number): void;
}

async function startSessions(t: TestContext, options: SessionsOptions = {}, settings: Settings = {}): Promise<Started> {
  let now = start;
  let current: Step | undefined;
  const all = sessions(options);
  t.after(() => all.close());
  const served = await serve(
    t,
    [
      ['/', async (_, handler) => ({ result: (await current?.(handler.session, handler)) ?? null })],
      ['/plain', () => 'plain'],
      ['/keys', (_, { session }) => ({ keys: session.keys() })],
    ],
    { sessions: all, now: () => now, ...settings },
  );
  return {
    served,
    all,
    run: async (browser, step) => {
      current = step;
      return (JSON.parse(await browser.text('/')) as { readonly result: unknown }).result;
    },
    browser: () => new SessionBrowser(served),
    pass: (ms) => (now += ms),
  };
}

test('keeps values between the requests of one browser, and of no other', async (t) => {
  const { run, browser } = await startSessions(t);
  const [ada, eve] = [browser(), browser()];
  await run(ada, (session) => session.set('cart', ['book', { id: 7 }]));
  assert.deepEqual(await run(ada, (session) => session.get('cart')), ['book', { id: 7 }]);
  assert.equal(await run(eve, (session) => session.get('cart')), null);
  await run(ada, (session) => session.delete('cart'));
  assert.deepEqual(await run(ada, (session) => [session.has('cart'), session.keys()]), [false, []]);
});

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

test('changes are stored before an error page too, and not after the head', async (t) => {
  const all = sessions();
  let late: unknown;
  let onlyRead = '';
  const served = await serve(
    t,
    [
      ['/read', (_, { session }) => ({ keys: session.keys() })],
      [
        '/fail',
        (_, { session }) => {
          session.set('a', 1);
          throw new HttpError(409);
        },
      ],
      [
        '/only-read',
        async (_, handler) => {
          handler.session.get('a');
          await handler.finish('done');
          assert.throws(() => handler.session.set('c', 1), { code: 'WEB_RESPONDED' });
          assert.throws(() => handler.session.login('ada'), { code: 'WEB_RESPONDED' });
          await handler.session.update('d', () => 1);
          onlyRead = 'checked';
        },
      ],
      [
        '/late',
        async (_, handler) => {
          handler.session.set('b', 1);
          await handler.finish('done');
          try {
            handler.session.set('c', 1);
          } catch (error) {
            late = error;
          }
        },
      ],
    ],
    { sessions: all },
  );
  const ada = new SessionBrowser(served);
  assert.equal((await ada.get('/fail')).status, 409);
  assert.equal(await ada.text('/late'), 'done');
  assert.equal((late as GaleError).code, 'WEB_RESPONDED');
  assert.match(
    (late as GaleError).message,
    /^session\.set\(\) must be called before the head of the response is sent; /,
  );
  assert.deepEqual(JSON.parse(await ada.text('/read')), { keys: ['a', 'b'] });
  assert.equal(await ada.text('/only-read'), 'done');
  await eventually(() => onlyRead === 'checked');
  assert.deepEqual(JSON.parse(await ada.text('/read')), { keys: ['a', 'b', 'd'] });
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

test('a session of 1 MiB is 413, and a key and a value must be what JSON keeps', async (t) => {
  const served = await serve(t, [['/', (_, { session }) => session.set('big', 'x'.repeat(1_048_576))]], {
    sessions: sessions(),
  });
  const response = await served.get('/');
  assert.equal(response.status, 413);
  assert.deepEqual(response.headers.getSetCookie(), []);
  const { run, browser } = await startSessions(t, { maxKeys: 2, maxBytes: 30 });
  await run(browser(), (session) => {
    session.set('a', 1);
    session.set('b', 2);
    assert.throws(() => session.set('c', 3), {
      code: 'SESSION_TOO_LARGE',
      message: /^A session must have at most 2 keys \(maxKeys\); got 3\. /,
    });
    assert.throws(() => session.set('a', 'x'.repeat(30)), {
      code: 'SESSION_TOO_LARGE',
      message: /30 bytes \(maxBytes\); got 35/,
    });
    assert.deepEqual([session.get('a'), session.keys()], [1, ['a', 'b']]);
    for (const wrong of [undefined, new Map(), 5n, Number.NaN, { deep: [new Set()] }]) {
      assert.throws(() => session.set('a', wrong), {
        code: 'JSON_VALUE',
        message: /^The value of "a" in a session must be/,
      });
    }
    for (const key of ['', 'k'.repeat(201), '\ud800', 5]) {
      assert.throws(() => session.set(key as string, 1), {
        code: 'OPTION_VALUE',
        message: /^key must be a string of 1 to 200/,
      });
    }
    assert.throws(() => session.login(''), { code: 'OPTION_VALUE', message: /^person must be a string of 1 to 200/ });
  });
});

test('a value is read as it was set, whatever characters it has', async (t) => {
  const { run, browser } = await startSessions(t);
  const ada = browser();
  const values = [
    '',
    '"',
    '\\',
    'plain',
    'é 值 😀',
    'a"b',
    '\n\u2028',
    '"quoted"',
    '[1]',
    '{',
    0,
    -1.5,
    true,
    false,
    null,
    [],
    '',
  ];
  await run(ada, (session) => values.forEach((value, index) => session.set(`v${index}`, value)));
  assert.deepEqual(await run(ada, (session) => values.map((_, index) => session.get(`v${index}`))), values);
  fc.assert(
    fc.property(fc.jsonValue(), (value) =>
      assert.deepEqual(readSessionText(toSessionText('k', value)), JSON.parse(JSON.stringify(value))),
    ),
  );
  assert.throws(() => readSessionText('"cut'), SyntaxError);
});

test('an object of a session cannot be changed without set', async (t) => {
  const { run, browser } = await startSessions(t);
  const ada = browser();
  await run(ada, (session) => session.set('cart', { items: [{ id: 1 }], at: new Date(0) }));
  await run(ada, (session) => {
    const cart = session.get('cart') as { items: { id: number }[]; at: unknown };
    assert.throws(() => cart.items.push({ id: 2 }), TypeError);
    assert.throws(() => Object.assign(cart.items[0] ?? {}, { id: 2 }), TypeError);
    assert.equal(cart.at, '1970-01-01T00:00:00.000Z');
    assert.equal(session.get('cart'), cart);
  });
  await run(ada, async (session) => {
    session.get('cart');
    session.set('cart', ['set']);
    assert.deepEqual(session.get('cart'), ['set']);
    session.delete('cart');
    assert.equal(session.get('cart'), undefined);
    session.set('cart', ['again']);
  });
  await run(ada, async (session) => {
    assert.deepEqual(session.get('cart'), ['again']);
    await session.update('cart', () => ['updated']);
    assert.deepEqual(session.get('cart'), ['updated']);
    session.end();
    assert.equal(session.get('cart'), undefined);
    session.set('other', 1);
  });
  const nested = JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`) as unknown;
  await run(ada, (session) => session.set('deep', nested));
  assert.equal(await run(ada, (session) => JSON.stringify(session.get('deep')).length), 2000);
});

test('update calls its function again if another request was first, and works after the head', async (t) => {
  const { run, browser, all } = await startSessions(t);
  const ada = browser();
  assert.equal(await run(ada, (session) => session.update('n', () => 1)), 1, 'a new session');
  const seen: unknown[] = [];
  const result = await run(ada, (session) =>
    session.update('n', async (n) => {
      seen.push(n);
      if (seen.length === 1) await other(ada, 10);
      return Number(n) + 1;
    }),
  );
  assert.deepEqual([seen, result], [[1, 10], 11]);
  assert.equal(await run(ada, (session) => session.update('n', () => undefined)), null);
  assert.equal(await run(ada, (session) => session.has('n')), false);
  await run(ada, async (session) => {
    session.set('n', 5);
    assert.equal(await session.update('n', (n) => Number(n) * 2), 10, 'after set in the same request');
    await assert.rejects(session.update('n', 5 as never), { code: 'OPTION_VALUE' });
  });
  assert.equal(await run(ada, (session) => session.get('n')), 10);
  await run(ada, async (session) => {
    await all.end(session.handle ?? '');
    await assert.rejects(
      session.update('n', () => 1),
      { code: 'SESSION_ENDED', status: 409 },
    );
  });

  /** Another request of the browser that sets the value. */
  async function other(same: SessionBrowser, value: number): Promise<void> {
    const copy = browser();
    copy.cookies.set('session', same.cookies.get('session') ?? '');
    await run(copy, (session) => session.update('n', () => value));
  }
});

test('update rejects if the session ends while its function runs', async (t) => {
  const { run, browser } = await startSessions(t);
  const ada = browser();
  await run(ada, (session) => session.set('n', 1));
  await run(ada, async (session) => {
    const updating = session.update('n', async (n) => {
      await new Promise(setImmediate);
      return Number(n) + 1;
    });
    session.end();
    await assert.rejects(updating, { code: 'SESSION_ENDED' });
    assert.equal(session.get('n'), undefined);
  });
  assert.equal(await run(ada, (session) => session.has('n')), false);
});

test('update gives up after 500 attempts if other requests change the value during each', async (t) => {
  let attempts = 0;
  class ContestedStore extends MemorySessionStore {
    override save(...[change, now]: Parameters<MemorySessionStore['save']>): SaveResult {
      if (change.expected === undefined) return super.save(change, now);
      attempts++;
      return { state: 'conflict', text: String(attempts) };
    }
  }
  const { run, browser } = await startSessions(t, { store: new ContestedStore() });
  const ada = browser();
  await run(ada, (session) => session.set('n', 0));
  // The pauses between the attempts are random; these are the shortest.
  t.mock.method(Math, 'random', () => 0);
  await run(ada, async (session) => {
    const seen: unknown[] = [];
    await assert.rejects(
      session.update('n', (n) => {
        seen.push(n);
        return -1;
      }),
      { code: 'SESSION_CONFLICT', status: 503, message: /must end after at most 500 attempts; / },
    );
    assert.deepEqual([seen.length, seen[0], seen[499], attempts], [500, 0, 499, 500]);
    assert.equal(session.get('n'), 500, 'the value of the others');
  });
});

test('a WebSocket reads the session of its handshake and changes it with update', async (t) => {
  class Socket extends WebSocketHandler {
    override async onMessage(): Promise<void> {
      const visits = await this.session.update('visits', (count) => Number(count ?? 0) + 1);
      this.writeMessage(`${String(this.session.get('name'))} ${String(visits)} ${String(this.session.get('visits'))}`);
    }
  }
  for (const store of [new MemorySessionStore(), await openSqlite(t)]) {
    const all = sessions({ store });
    t.after(() => all.close());
    const served = await serve(
      t,
      [
        ['/socket', Socket],
        ['/name', (_, { session }) => session.set('name', 'Ada')],
      ],
      { sessions: all },
    );
    const ada = new SessionBrowser(served);
    await ada.get('/name');
    const socket = await connectWebSocket(`ws://127.0.0.1:${served.port}/socket`, {
      headers: { cookie: `session=${ada.cookies.get('session') ?? ''}` },
    });
    const messages = socket[Symbol.asyncIterator]();
    for (const expected of ['Ada 1 1', 'Ada 2 2']) {
      socket.writeMessage('again');
      assert.equal((await messages.next()).value, expected);
    }
    await socket.close();
  }
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

/** A store in memory that refuses writes while `isFull`. */
class FullStore extends MemorySessionStore {
  isFull = false;

  override save(...parameters: Parameters<MemorySessionStore['save']>): SaveResult {
    if (this.isFull) throw new Error('no space left');
    return super.save(...parameters);
  }
}

/** Saves a session, and returns the code of the error with what the session is afterwards. */
async function saveCode(session: Session): Promise<unknown> {
  return session.save().then(
    () => 'saved',
    (error: GaleError) => [error.code, session.person ?? null, session.keys(), session.handle ?? null],
  );
}

test('an error page that shows the person is 503 with a text while the store is gone', async (t) => {
  class Gone extends MemorySessionStore {
    override load(): never {
      throw new Error('gone');
    }
  }
  class Page extends RequestHandler {
    get(): string {
      if (this.getQueryArgument('fail', '') !== '') throw new HttpError(404);
      return `Hello, ${this.session.person ?? 'stranger'}`;
    }
    override writeError(status: number): void {
      this.write(`${status} for ${this.session.person ?? 'stranger'}`);
    }
  }
  const served = await serve(t, [['/', Page]], { sessions: sessions({ store: new Gone() }) });
  for (const path of ['/', '/?fail=1']) {
    const response = await served.get(path, { headers: { cookie: `session=${'a'.repeat(22)}` } });
    assert.equal(response.status, 503);
    assert.match(await response.text(), /503: Service Unavailable/);
    await served.expectLine(/The error page failed \(The store of the sessions is unavailable: gone\)/);
  }
  await served.expectLine(/The store of the sessions fails/);
  await served.expectLine(/A handler failed/);
  assert.equal(await (await served.get('/?fail=1')).text(), '404 for stranger');
});

test('save stores at once, so that a handler can respond to a store that refuses writes', async (t) => {
  const store = new FullStore();
  const { run, browser, all } = await startSessions(t, { store });
  const [ada, eve] = [browser(), browser()];
  await run(ada, async (session) => {
    session.login('ada');
    await session.save();
    assert.equal((await all.of('ada')).length, 1);
    session.set('a', 1);
    await session.save();
    await session.save();
  });
  assert.deepEqual(await run(ada, (session) => [session.person, session.get('a')]), ['ada', 1]);
  store.isFull = true;
  const refused = ['SESSION_STORE', null, [], null];
  assert.deepEqual(
    await run(eve, (session) => {
      session.login('eve');
      return saveCode(session);
    }),
    refused,
  );
  assert.deepEqual(eve.lastSetCookies, []);
  const before = ada.cookies.get('session');
  assert.deepEqual(
    await run(ada, (session) => {
      session.set('a', 2);
      return saveCode(session);
    }),
    refused,
  );
  assert.equal(ada.cookies.get('session'), before);
  assert.deepEqual(await run(ada, (session) => [session.person, session.get('a')]), ['ada', 1]);
  const ended = await run(ada, async (session) => {
    session.set('a', 3);
    await all.endAll('ada');
    return saveCode(session);
  });
  assert.deepEqual(ended, refused, 'the store is asked first');
  store.isFull = false;
  await run(ada, (session) => session.login('ada'));
  const gone = await run(ada, async (session) => {
    session.set('a', 3);
    await all.endAll('ada');
    return saveCode(session);
  });
  assert.deepEqual(gone, ['SESSION_ENDED', null, [], null]);
});

/** A store in memory whose writes are asynchronous. */
class SlowStore extends MemorySessionStore {
  override save(...parameters: Parameters<MemorySessionStore['save']>): SaveResult {
    const save = super.save.bind(this);
    // Sessions accept promises from every store.
    return nextTurn().then(() => save(...parameters)) as unknown as SaveResult;
  }
}

test('a change while save runs is an error, and is never lost', async (t) => {
  for (const store of [new MemorySessionStore(), new SlowStore()]) {
    const { run, browser } = await startSessions(t, { store });
    const ada = browser();
    const codes = await run(ada, async (session) => {
      session.set('a', 1);
      const saving = session.save();
      const changes = [
        () => session.set('b', 2),
        () => session.delete('a'),
        () => session.login('ada'),
        () => session.rotate(),
        () => session.end(),
      ];
      const found = changes.map((makeChange) => {
        try {
          makeChange();
        } catch (error) {
          return (error as GaleError).code;
        }
        return 'changed';
      });
      await assert.rejects(session.save(), { code: 'WEB_SESSION' });
      await saving;
      session.set('b', 2);
      return found;
    });
    assert.deepEqual(
      codes,
      Array.from({ length: 5 }, () => 'WEB_SESSION'),
    );
    assert.deepEqual(await run(ada, (session) => session.keys().toSorted()), ['a', 'b']);
    // With the id that the login gives.
    const counted = await run(ada, (session) => {
      session.login('ada');
      const saving = session.save();
      return Promise.all([session.update('visits', (visits) => Number(visits ?? 0) + 1), saving]);
    });
    assert.deepEqual(counted, [1, null]);
    assert.deepEqual(await run(ada, (session) => [session.person, session.get('visits')]), ['ada', 1]);
  }
});

test('the response waits for a save that was not awaited', async (t) => {
  const { run, browser } = await startSessions(t, { store: new SlowStore() });
  const ada = browser();
  await run(ada, (session) => {
    session.login('ada');
    void session.save();
  });
  assert.equal(await run(ada, (session) => session.person), 'ada');
});

test('a login whose session ended meanwhile begins a new session, without the values before', async (t) => {
  for (const store of [new MemorySessionStore(), new SlowStore()]) {
    const { run, browser, all } = await startSessions(t, { store });
    for (const isSaved of [false, true]) {
      const ada = browser();
      await run(ada, (session) => session.set('a', 1));
      const before = ada.cookies.get('session');
      const handle = await run(ada, async (session) => {
        await all.end(session.handle ?? '');
        session.login('ada');
        session.set('b', 2);
        if (isSaved) await session.save();
        return session.handle;
      });
      assert.notEqual(ada.cookies.get('session'), before);
      const after = await run(ada, (session) => [session.person, session.keys(), session.handle]);
      assert.deepEqual(after, ['ada', ['b'], handle]);
    }
  }
});

test('a logout and a login in one request begin a new session, also after save', async (t) => {
  const { run, browser, all } = await startSessions(t);
  const ada = browser();
  const before = await run(ada, (session) => {
    session.login('ada');
    return session.handle;
  });
  const after = await run(ada, async (session) => {
    session.end();
    session.login('bob');
    await session.save();
    session.set('a', 1);
    return session.handle;
  });
  assert.notEqual(after, before);
  assert.deepEqual(await run(ada, (session) => [session.person, session.handle, session.get('a')]), ['bob', after, 1]);
  assert.deepEqual(await all.of('ada'), []);
});

test('a session goes on if its expiry cannot be written, and that is logged', async (t) => {
  const store = new FullStore();
  const { served, run, browser, pass } = await startSessions(t, { store, idleMs: 20 * dayMs });
  const ada = browser();
  await run(ada, (session) => session.login('ada'));
  store.isFull = true;
  pass(2 * dayMs);
  assert.equal(await run(ada, (session) => session.person), 'ada');
  await served.expectLine(/The store of the sessions fails/);
  store.isFull = false;
  assert.equal(await run(ada, (session) => session.person), 'ada');
  pass(19 * dayMs);
  assert.equal(await run(ada, (session) => session.person), 'ada');
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

async function openSqlite(t: TestContext): Promise<SqliteSessionStore> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-sessions-'));
  t.after(() => rm(folder, { recursive: true }));
  return SqliteSessionStore.open({ path: join(folder, 'sessions.sqlite') });
}

test('this.session needs the setting', async (t) => {
  const served = await serve(t, [['/', (_, handler) => String(handler.session)]]);
  assert.equal((await served.get('/')).status, 500);
  const line = await served.expectLine(/A handler failed/);
  assert.match(JSON.stringify(line), /WEB_SESSION/);
});

function appWith(options: SessionsOptions): Application {
  return new Application([['/', (_, { session }) => session.set('a', 1)]], { sessions: sessions(options) });
}
