import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CookieJar } from './cookie-jar.ts';
import type { CookieUrl } from './cookie-jar.ts';

let now = 1_700_000_000_000;

function createJar(): CookieJar {
  return new CookieJar(() => now, 'chat.example');
}

function urlOf(text: string): CookieUrl {
  const { hostname, pathname, protocol } = new URL(text);
  return { hostname, pathname, isSecure: protocol === 'https:' };
}

/** What a jar sends to `to` after `from` has set one cookie. */
function sentAfter(field: string, from: string, to: string): string | undefined {
  const jar = createJar();
  jar.store(field, urlOf(from));
  return jar.fieldFor(urlOf(to));
}

test('a cookie without a domain is sent to its host only', () => {
  assert.equal(sentAfter('a=1', 'http://chat.example/', 'http://chat.example/x'), 'a=1');
  assert.equal(sentAfter('a=1', 'http://chat.example/', 'http://www.chat.example/'), undefined);
});

test('a cookie with a domain is sent to its hosts, and refused for others', () => {
  const field = 'a=1; Domain=.Chat.Example';
  assert.equal(sentAfter(field, 'http://www.chat.example/', 'http://chat.example/'), 'a=1');
  assert.equal(sentAfter(field, 'http://www.chat.example/', 'http://other.chat.example/'), 'a=1');
  assert.equal(sentAfter(field, 'http://otherchat.example/', 'http://otherchat.example/'), undefined);
  assert.equal(sentAfter('a=1; Domain=0.0.1', 'http://127.0.0.1/', 'http://127.0.0.1/'), undefined);
});

test('a path limits a cookie by whole segments; the default is the folder of the request', () => {
  const cases: readonly (readonly [path: string, to: string, isSent: boolean])[] = [
    ['/a', '/a', true],
    ['/a', '/a/b', true],
    ['/a', '/ab', false],
    ['/a/', '/a', false],
    ['/', '/anything', true],
  ];
  for (const [path, to, isSent] of cases) {
    const sent = sentAfter(`a=1; Path=${path}`, 'http://chat.example/a', `http://chat.example${to}`);
    assert.equal(sent !== undefined, isSent, `${path} ${to}`);
  }
  assert.equal(sentAfter('a=1', 'http://chat.example/x/y', 'http://chat.example/x/z'), 'a=1');
  assert.equal(sentAfter('a=1; Path=relative', 'http://chat.example/x/y', 'http://chat.example/'), undefined);
});

test('cookies with longer paths come first', () => {
  const jar = createJar();
  jar.store('a=root; Path=/', urlOf('http://chat.example/'));
  jar.store('a=deep; Path=/x', urlOf('http://chat.example/'));
  assert.equal(jar.fieldFor(urlOf('http://chat.example/x')), 'a=deep; a=root');
  assert.equal(jar.get('a'), 'deep');
  assert.deepEqual(jar.names(), ['a']);
});

test('Secure needs https or a loopback host, and prefixes need their attributes', () => {
  assert.equal(sentAfter('a=1; Secure', 'https://chat.example/', 'https://chat.example/'), 'a=1');
  assert.equal(sentAfter('a=1; Secure', 'https://chat.example/', 'http://chat.example/'), undefined);
  assert.equal(sentAfter('a=1; Secure', 'http://chat.example/', 'https://chat.example/'), undefined);
  for (const origin of ['http://127.0.0.1', 'http://localhost', 'http://[::1]', 'http://a.localhost']) {
    assert.equal(sentAfter('a=1; Secure; Path=/', `${origin}/`, `${origin}/`), 'a=1', origin);
  }
  const site = 'https://chat.example/';
  assert.equal(sentAfter('__Host-a=1; Secure; Path=/', site, site), '__Host-a=1');
  for (const field of ['__Host-a=1; Path=/', '__Host-a=1; Secure', '__Host-a=1; Secure; Path=/; Domain=chat.example']) {
    assert.equal(sentAfter(field, site, site), undefined, field);
  }
  assert.equal(sentAfter('__Secure-a=1', site, site), undefined);
});

test('a cookie ends with Max-Age, or else with Expires, by the clock of the test', () => {
  const jar = createJar();
  const site = urlOf('http://chat.example/');
  jar.store('short=1; Max-Age=10; Expires=Fri, 01 Jan 2100 00:00:00 GMT', site);
  jar.store(`long=1; Expires=${new Date(now + 20_000).toUTCString()}`, site);
  jar.store('session=1; Expires=whenever; Max-Age=x', site);
  assert.deepEqual(jar.names(), ['short', 'long', 'session']);
  now += 10_000;
  assert.deepEqual(jar.names(), ['long', 'session']);
  now += 10_000;
  assert.equal(jar.fieldFor(site), 'session=1');
  jar.store('session=; Max-Age=0', site);
  assert.deepEqual(jar.names(), []);
});

test('values are read as an application reads them; malformed fields are dropped', () => {
  const jar = createJar();
  const site = urlOf('http://chat.example/');
  jar.store('quoted="a\\054b"; HttpOnly', site);
  for (const field of ['', '=1', 'no pair', '; Path=/']) jar.store(field, site);
  assert.equal(jar.get('quoted'), 'a,b');
  assert.equal(jar.get('other'), undefined);
  assert.deepEqual(jar.names(), ['quoted']);
});

test('a test sets, deletes and clears cookies', () => {
  const jar = createJar();
  jar.set('a', '1');
  jar.set('b', '2', { path: '/b', secure: true });
  jar.set('c', '3', { domain: '.chat.example', maxAge: 5 });
  assert.equal(jar.fieldFor(urlOf('https://chat.example/b')), 'b=2; a=1; c=3');
  assert.equal(jar.fieldFor(urlOf('http://www.chat.example/')), 'c=3');
  jar.delete('a');
  assert.deepEqual(jar.names(), ['b', 'c']);
  jar.clear();
  assert.deepEqual(jar.names(), []);
  assert.throws(() => jar.set('a b', '1'), { code: 'WEB_COOKIE' });
  assert.throws(() => jar.get(1 as never), { code: 'OPTION_VALUE' });
});
