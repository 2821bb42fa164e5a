import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { SessionBrowser } from '../../../test/support/web/session-browser.ts';
import { serve } from '../../../test/support/web/web-server.ts';
import type { GaleError } from '../../errors.ts';
import { RequestHandler } from '../handler.ts';
import { HttpError } from '../http-error.ts';
import { MemorySessionStore } from './memory/memory-session-store.ts';
import type { Session } from './session.ts';
import { sessions } from './sessions.ts';
import { dayMs, FullStore, SlowStore, startSessions } from '../../../test/support/web/served-sessions.ts';

/** Saves a session, and returns the code of the error with what the session is afterwards. */
async function saveCode(session: Session): Promise<unknown> {
  return session.save().then(
    () => 'saved',
    (error: GaleError) => [error.code, session.person ?? null, session.keys(), session.handle ?? null],
  );
}

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
