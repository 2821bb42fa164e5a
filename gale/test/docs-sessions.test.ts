/** Runs the programs of docs/guide/sessions.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisMissing, startRedis } from '../src/testing/redis-server.ts';
import { eventually } from './support/eventually.ts';
import { programsOf, startProgram } from './support/document-program.ts';
import { SessionBrowser } from './support/web/session-browser.ts';

const [first = '', typed = '', ring = '', binding = ''] = await programsOf('docs/guide/sessions.md');

/** A browser at a program. */
function browserAt(port: number): SessionBrowser {
  return new SessionBrowser({
    get: (path, init) => fetch(`http://localhost:${port}${path}`, { redirect: 'manual', ...init }),
  });
}

const form = (values: Record<string, string>): RequestInit => ({ method: 'POST', body: new URLSearchParams(values) });

test('the first program of the guide keeps sessions as it says', async (t) => {
  const { port } = await startProgram(t, first);
  const [ada, phone] = [browserAt(port), browserAt(port)];
  assert.equal(await ada.text('/'), 'Hello, stranger!');
  await ada.get('/cart/book', { method: 'POST' });
  assert.deepEqual(await Promise.all([ada.text('/visits'), ada.text('/visits')]).then((texts) => texts.toSorted()), [
    '1 visits',
    '2 visits',
  ]);
  for (const browser of [ada, phone]) await browser.get('/login', form({ name: 'Ada' }));
  assert.equal(await ada.text('/'), 'Hello, Ada!');
  assert.deepEqual(JSON.parse(await ada.text('/cart')), { cart: ['book'] });
  const { devices } = JSON.parse(await ada.text('/devices')) as { devices: { browser: string; isThis: boolean }[] };
  assert.deepEqual(devices.map(({ isThis }) => isThis).toSorted(), [false, true]);
  await ada.get('/devices/end-others', { method: 'POST' });
  assert.equal(await phone.text('/'), 'Hello, stranger!');
  await ada.get('/logout', { method: 'POST' });
  assert.equal(await ada.text('/'), 'Hello, stranger!');
});

test('the program with types of its own keeps values', async (t) => {
  const { port } = await startProgram(t, typed);
  const ada = browserAt(port);
  for (const item of ['book', 'pen']) await ada.get('/cart', form({ item }));
  assert.equal(await ada.text('/visits'), '1 visits');
  assert.equal(await ada.text('/visits'), '2 visits');
});

test('the ring of the guide keeps sessions on several Redis servers', { skip: redisMissing() }, async (t) => {
  const servers = await Promise.all([startRedis(), startRedis()]);
  for (const server of servers) t.after(() => server.stop());
  const urls = servers.map(({ url }) => url).join(' ');
  const { port } = await startProgram(t, `process.env['REDIS_URLS'] = '${urls}';\n${ring}`);
  const ada = browserAt(port);
  await ada.get('/login/Ada', { method: 'POST' });
  assert.equal(await ada.text('/me'), '{"person":"Ada"}');
  assert.deepEqual(
    (JSON.parse(await ada.text('/nodes')) as { weight: number; isUp: boolean }[]).map(({ weight, isUp }) => [
      weight,
      isUp,
    ]),
    [
      [2, true],
      [1, true],
    ],
  );
  assert.equal((await ada.get('/readyz')).status, 200);

  const isUp = async (): Promise<boolean[]> =>
    (JSON.parse(await ada.text('/nodes')) as { isUp: boolean }[]).map((node) => node.isUp);
  const people = ['Bob', 'Cid', 'Dan', 'Eve', 'Fay', 'Gus', 'Hal', 'Ida'].map((name) => ({
    name,
    browser: browserAt(port),
  }));
  const signIn = async (): Promise<void> => {
    for (const { name, browser } of people) {
      assert.equal((await browser.get(`/login/${name}`, { method: 'POST' })).status, 200);
      assert.equal(await browser.text('/me'), `{"person":"${name}"}`);
    }
  };
  const [, second] = servers;
  await second.kill();
  // A new session that belongs to it notices.
  await eventually(async () => {
    await browserAt(port).get('/login/visitor', { method: 'POST' });
    return (await isUp()).join() === 'true,false';
  });
  await signIn();
  assert.equal((await ada.get('/readyz')).status, 200);
  await second.restart();
  await eventually(async () => (await isUp()).every(Boolean));
  for (const { name, browser } of people) assert.equal(await browser.text('/me'), `{"person":"${name}"}`);
});

test('the forms of the guide are bound to the login', async (t) => {
  const { port } = await startProgram(t, binding);
  const ada = browserAt(port);
  const token = await ada.text('/');
  const bound = await (await ada.get('/', form({ name: 'Ada', _xsrf: token }))).text();
  assert.equal((await ada.get('/', form({ name: 'Ada', _xsrf: token }))).status, 403, 'the form before the login');
  assert.equal((await ada.get('/', form({ name: 'Bob', _xsrf: bound }))).status, 200);
  assert.equal((await ada.get('/', form({ name: 'Bob', _xsrf: bound }))).status, 403, 'the form of Ada');
});
