/**
 * Limits of sign-ins over HTTP: strangers cannot lock out the owner of an account, successful sign-ins are limited too, and the
 * oldest session over the limit ends.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from 'gale';
import { serverOptions } from '../options.ts';
import { serveChat, type ServedChat } from './support/app.ts';
import { RawSocket } from './support/raw-socket.ts';
import { password, type Visitor } from './support/chat-server.ts';

async function statusOf(visitor: Visitor, name: string, secret: string): Promise<number> {
  return (await visitor.submit('/login', { name, password: secret })).status;
}

/** Deletes the session cookie. The browser stays known. */
function forgetSession(visitor: Visitor): Visitor {
  visitor.cookies.delete('session');
  return visitor;
}

/** Uses up the attempts of strangers for a name. */
async function failAsStranger(chat: ServedChat, name: string): Promise<void> {
  for (let count = 0; count < 12; count++) await statusOf(chat.visitor(), name, 'wrong horse');
}

test('strangers who use up the attempts of a name do not lock out a known browser', async (t) => {
  const chat = await serveChat(t);
  const ann = forgetSession(await chat.person('Ann'));
  const bob = forgetSession(await chat.person('Bob'));
  await failAsStranger(chat, 'Ann');
  assert.equal(await statusOf(chat.visitor(), 'Ann', password), 429);
  // Known for another account only.
  assert.equal(await statusOf(bob, 'Ann', password), 429);
  assert.equal(await statusOf(ann, 'Ann', password), 303);
  assert.equal((await ann.get('/')).status, 200);
});

test('a browser stays known after a log-out, for each of its accounts', async (t) => {
  const chat = await serveChat(t);
  const family = await chat.person('Ann');
  const first = family.cookies.get('known');
  assert.equal((await family.submit('/logout', {}, '/')).status, 303);
  await family.register('Bob');
  assert.notEqual(family.cookies.get('known'), first);
  forgetSession(family);
  await failAsStranger(chat, 'Ann');
  for (const name of ['Ann', 'Bob']) {
    assert.equal(await statusOf(family, name, password), 303);
    forgetSession(family);
  }
});

test('the cookie of a known browser is HttpOnly, SameSite and Secure, and lasts a year', async (t) => {
  const chat = await serveChat(t, { origin: 'https://chat.example' });
  const visitor = chat.visitor();
  const response = await visitor.submit('/register', { name: 'Ann', password });
  const cookie = response.headers.getSetCookie().find((line) => line.startsWith('known=')) ?? '';
  assert.match(cookie, /; HttpOnly/);
  assert.match(cookie, /; SameSite=Lax/);
  assert.match(cookie, /; Secure/);
  const expires = Date.parse(/Expires=([^;]+)/.exec(cookie)?.[1] ?? '');
  assert.ok(expires > Date.now() + 364 * 86_400_000, cookie);
});

test('the cookie of a known browser signs nobody in, and a stolen one has only its own few attempts', async (t) => {
  const chat = await serveChat(t);
  const ann = forgetSession(await chat.person('Ann'));
  const other = forgetSession(chat.visitor());
  assert.equal(await statusOf(other, 'Ann', password), 303);
  forgetSession(other);
  const known = ann.cookies.get('known') ?? '';
  for (const name of ['known', 'session']) {
    const thief = chat.visitor();
    thief.cookies.set(name, known);
    assert.equal((await thief.get('/')).status, 302);
    assert.equal(await thief.handshake(), 401);
  }
  const thief = chat.visitor();
  thief.cookies.set('known', known);
  for (let count = 0; count < 10; count++) assert.equal(await statusOf(thief, 'Ann', 'wrong horse'), 400);
  for (let count = 0; count < 3; count++) assert.equal(await statusOf(thief, 'Ann', password), 429);
  assert.equal(await statusOf(other, 'Ann', password), 303);
});

test('a browser with a forged cookie of a known browser counts as a stranger', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  const session = ann.cookies.get('session') ?? '';
  const known = ann.cookies.get('known') ?? '';
  await failAsStranger(chat, 'Ann');
  for (const forged of [session, known.replace(/.$/, (last) => (last === '0' ? '1' : '0')), 'x', `${known}x`]) {
    const visitor = chat.visitor();
    visitor.cookies.set('known', forged);
    assert.equal(await statusOf(visitor, 'Ann', password), 429, forged);
  }
});

test('limits successful sign-ins: refuses the 21st from one address', async (t) => {
  const chat = await serveChat(t);
  await chat.person('Ann');
  for (let count = 0; count < 20; count++) assert.equal(await statusOf(chat.visitor(), 'Ann', password), 303);
  const response = await chat.visitor().submit('/login', { name: 'Ann', password });
  assert.equal(response.status, 429);
  const seconds = Number(response.headers.get('retry-after'));
  assert.ok(seconds > 0 && seconds <= 600, `${seconds}`);
});

test('a session over the limit ends the one that was unused for the longest time, with its sockets', async (t) => {
  const chat = await serveChat(t, { signIn: { sessionsPerPerson: 3 } });
  const first = await chat.person('Ann');
  const socket = await RawSocket.open(first);
  const bob = await chat.person('Bob');
  const others: Visitor[] = [];
  for (let count = 0; count < 2; count++) {
    const other = chat.visitor();
    await other.logIn('Ann');
    others.push(other);
  }
  assert.equal((await first.get('/me')).status, 200);
  await socket.do('ping');
  const last = chat.visitor();
  await last.logIn('Ann');
  assert.equal((await socket.closed).code, 4401);
  assert.equal((await first.get('/')).status, 302);
  for (const visitor of [...others, last, bob]) assert.equal((await visitor.get('/')).status, 200);
});

for (const [language, minutes, seconds] of [
  ['en', /Please try again in about \d+ minutes\./, /Please wait \d+ seconds?\./],
  ['zh-CN', /请在大约 \d+ 分钟后再试/, /请等待 \d+ 秒/],
] as const) {
  test(`shows a wait in minutes in ${language}, and sends it in seconds`, async (t) => {
    const chat = await serveChat(t);
    const visitor = chat.visitor();
    visitor.cookies.set('lang', language);
    for (let count = 0; count < 5; count++) await statusOf(visitor, 'Ann', 'wrong horse');
    const response = await visitor.submit('/login', { name: 'Ann', password });
    assert.equal(response.status, 429);
    const page = await response.text();
    assert.match(page, minutes);
    assert.doesNotMatch(page, seconds);
    const wait = Number(response.headers.get('retry-after'));
    assert.ok(wait > 60 && wait <= 900, `${wait}`);
    assert.equal(Number(/(\d+) (?:minutes|分钟)/.exec(page)?.[1]), Math.ceil(wait / 60));
  });
}

test('limits the accounts of an address in an hour by an option, and creates no refused account', async (t) => {
  const chat = await serveChat(t, { signIn: { accountsPerHour: 2 } });
  await chat.person('Ann');
  await chat.person('Bob');
  const response = await chat.visitor().submit('/register', { name: 'Eve', password });
  assert.equal(response.status, 429);
  assert.match(await response.text(), /in about (?:59|60) minutes/);
  assert.equal(await chat.store.accounts.findByNameKey('eve'), undefined);
});

test('with limits off refuses no sign-in and ends no session', async (t) => {
  const chat = await serveChat(t, {
    limits: 'off',
    signIn: { accountsPerHour: 1 },
    log: createLogger({ level: 'silent' }),
  });
  await chat.person('Ann');
  await chat.person('Bob');
  for (let count = 0; count < 15; count++) {
    assert.equal(await statusOf(chat.visitor(), 'Ann', 'wrong horse'), 400);
  }
  const visitors = Array.from({ length: 25 }, () => chat.visitor());
  for (const visitor of visitors) await visitor.logIn('Ann');
  for (const visitor of visitors) assert.equal((await visitor.get('/')).status, 200);
});

test('the limits of sign-ins are options of npm start', () => {
  const args = ['accounts-per-hour=7', 'sign-ins-per-address=8', 'failures-per-address=9', 'sessions-per-person=3'];
  const options = serverOptions.parse(
    args.map((word) => `--${word}`),
    {},
  );
  assert.deepEqual(
    [
      options['accounts-per-hour'],
      options['sign-ins-per-address'],
      options['failures-per-address'],
      options['sessions-per-person'],
    ],
    [7, 8, 9, 3],
  );
  assert.throws(() => serverOptions.parse(['--sessions-per-person=0'], {}), /sessions-per-person/);
});
