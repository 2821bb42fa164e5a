import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { SessionBrowser } from '../../../test/support/web/session-browser.ts';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import type { GaleError } from '../../errors.ts';
import { HttpError } from '../http-error.ts';
import type { FunctionContext } from '../route.ts';
import type { Settings } from '../settings.ts';
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
  for (const wrong of [
    id.slice(1),
    `${id}a`,
    `${id.slice(0, -1)}!`,
    'x'.repeat(22),
    '',
    'a'.repeat(4000),
    '__proto__',
  ]) {
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
});

test('this.session needs the setting', async (t) => {
  const served = await serve(t, [['/', (_, handler) => String(handler.session)]]);
  assert.equal((await served.get('/')).status, 500);
  const line = await served.expectLine(/A handler failed/);
  assert.match(JSON.stringify(line), /WEB_SESSION/);
});
