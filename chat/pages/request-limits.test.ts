/** Limits of pages and forms: a person over them gets 429, and others are served. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat } from '../test/support/app.ts';

test('a person who sends too many forms gets 429 with the wait, and nothing of the form is done; others are served', async (t) => {
  const chat = await serveChat(t, { requests: { formsPerMinute: 3 } });
  const ann = await chat.person('Ann');
  const bob = await chat.person('Bob');
  for (const name of ['Ann One', 'Ann Two', 'Ann Three'])
    assert.equal((await ann.submit('/settings/profile', { name }, '/settings')).status, 303, name);
  const refused = await ann.submit('/settings/profile', { name: 'Ann Four' }, '/settings');
  assert.equal(refused.status, 429);
  const seconds = Number(refused.headers.get('retry-after'));
  assert.ok(seconds >= 1 && seconds <= 60, `${seconds}`);
  assert.match(await refused.text(), /class="status">429</);
  assert.match(await (await ann.get('/settings')).text(), /value="Ann Three"/);
  // Any form counts, also one without a valid token.
  for (const path of ['/settings/picture', '/settings/password', '/settings/sessions', '/language', '/logout'])
    assert.equal((await ann.post(path, {})).status, 429, path);
  assert.equal((await bob.submit('/settings/profile', { name: 'Bo' }, '/settings')).status, 303);
});

test('requests of a person and of the visitors of an address are limited, but not sockets, files and health checks', async (t) => {
  const chat = await serveChat(t, { requests: { requestsPerMinute: 8, visitorRequestsPerMinute: 12 } });
  const ann = await chat.person('Ann');
  const bob = await chat.person('Bob');
  for (let count = 1; count <= 8; count++) assert.equal((await ann.get('/settings')).status, 200, `${count}`);
  for (const path of ['/', '/settings', '/me', '/rooms/lobby', '/people/x/picture/y', '/nowhere'])
    assert.equal((await ann.get(path)).status, 429, path);
  assert.equal(await ann.handshake(), 101);
  assert.equal((await ann.get('/static/assets/main-abc.js')).status, 200);
  assert.equal((await ann.get('/healthz')).status, 200);
  assert.equal((await bob.get('/settings')).status, 200);

  // Two registrations were four requests of this address.
  const visitor = chat.visitor();
  for (let count = 5; count <= 12; count++) assert.equal((await visitor.get('/login')).status, 200, `${count}`);
  for (const path of ['/login', '/invite/abcdefghijklmnopqrstuvwx', '/nowhere'])
    assert.equal((await chat.visitor().get(path)).status, 429, path);
  assert.equal((await bob.get('/settings')).status, 200);
});

test('with limits off nothing is limited', async (t) => {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const chat = await serveChat(t, { limits: 'off', log, requests: { requestsPerMinute: 1, formsPerMinute: 1 } });
  const ann = await chat.person('Ann');
  for (let count = 1; count <= 5; count++) assert.equal((await ann.get('/settings')).status, 200, `${count}`);
});
