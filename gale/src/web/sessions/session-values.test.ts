import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { SessionBrowser } from '../../../test/support/web/session-browser.ts';
import { serve } from '../../../test/support/web/web-server.ts';
import { connectWebSocket } from '../../websocket/client/client.ts';
import { WebSocketHandler } from '../websocket-handler.ts';
import { MemorySessionStore } from './memory/memory-session-store.ts';
import { readSessionText, toSessionText } from './session-json.ts';
import type { SaveResult } from './session-store.ts';
import { sessions } from './sessions.ts';
import { openSqlite, startSessions } from '../../../test/support/web/served-sessions.ts';

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
