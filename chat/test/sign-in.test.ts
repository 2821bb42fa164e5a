/**
 * Registration, sign-in and log-out: the forms, the session cookie and the redirects.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat } from './support/app.ts';
import { password } from './support/chat-server.ts';

/** The tag of the input field with this name. */
function field(page: string, name: string): string {
  const found = [...page.matchAll(/<input\b[^>]*>/g)].map(([tag]) => tag).find((tag) => tag.includes(`name="${name}"`));
  assert.ok(found, `no field ${name} in ${page}`);
  return found;
}

test('a person who is not signed in is redirected to the login page and then back', async (t) => {
  const chat = await serveChat(t);
  await chat.person('Ann');
  const visitor = chat.visitor();
  const sent = await visitor.get('/?room=abc');
  assert.equal(sent.status, 302);
  const login = sent.headers.get('location') ?? '';
  assert.equal(login, '/login?next=%2F%3Froom%3Dabc');
  const response = await visitor.submit('/login', { name: 'Ann', password, next: '/?room=abc' }, login);
  assert.equal(response.status, 303);
  assert.equal(response.headers.get('location'), '/?room=abc');
  assert.equal((await visitor.get('/')).status, 200);
});

test('the room in next survives a wrong password, and is in the links to registration and to the other language', async (t) => {
  const chat = await serveChat(t);
  await chat.person('Ann');
  const next = '/#/rooms/%E6%88%BF';
  const visitor = chat.visitor();
  const wrong = await visitor.submit('/login', { name: 'Ann', password: 'wrong horse', next });
  const page = await wrong.text();
  assert.ok(field(page, 'next').includes(`value="${next}"`), field(page, 'next'));
  const links = [...page.matchAll(/href="(\/[^"]*)"/g)].map(([, href = '']) => href.replaceAll('&amp;', '&'));
  const register = links.find((href) => href.startsWith('/register')) ?? '';
  assert.equal(new URL(register, chat.url).searchParams.get('next'), next);
  const language = links.find((href) => href.startsWith('/language')) ?? '';
  const back = (await visitor.get(language)).headers.get('location') ?? '';
  assert.equal(new URL(back, chat.url).searchParams.get('next'), next);
  assert.equal((await visitor.submit('/login', { name: 'Ann', password, next })).headers.get('location'), next);
  assert.equal((await visitor.get(back)).headers.get('location'), next);
});

for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)']) {
  test(`does not redirect to ${next} after a sign-in`, async (t) => {
    const chat = await serveChat(t);
    const response = await chat.visitor().submit('/register', { name: 'Ann', password, next });
    assert.equal(response.headers.get('location'), '/');
  });
}

test('a registered person gets the page with their name, and no cache may store it', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann <b>&"');
  const response = await ann.get('/');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('cache-control'), 'no-store');
  const page = await response.text();
  assert.ok(!page.includes('<b>&'), 'the name is escaped');
  assert.ok(page.includes('/static/assets/main-abc.js'), page);
  assert.match(page, /name="_xsrf"/);
  const me = (await (await ann.get('/me')).json()) as { person: { id: string; name: string } };
  assert.equal(me.person.name, 'Ann <b>&"');
  assert.deepEqual(await (await chat.visitor().get('/me')).json(), { person: null });
});

const wrongForms: [what: string, fields: { name: string; password: string }, keeps: string][] = [
  ['an empty name', { name: '  ', password }, '  '],
  ['a name of 33 characters', { name: 'x'.repeat(33), password }, 'x'.repeat(33)],
  ['a name with a control character', { name: 'a\u0007b', password }, 'a'],
  ['a name with a direction mark', { name: 'a\u202eb', password }, 'a\u202eb'],
  ['a name that is taken', { name: 'bOB', password }, 'bOB'],
  ['a short password', { name: 'Ann "A"', password: '1234567' }, 'Ann &quot;A&quot;'],
  ['a long password', { name: 'Ann', password: 'p'.repeat(257) }, 'Ann'],
];
for (const [what, fields, keeps] of wrongForms) {
  test(`a registration with ${what} gets the form again with the typed name and without the password`, async (t) => {
    const chat = await serveChat(t);
    await chat.person('Bob');
    const visitor = chat.visitor();
    const response = await visitor.submit('/register', fields);
    assert.equal(response.status, 400);
    const page = await response.text();
    assert.ok(field(page, 'name').includes(`value="${keeps}`), field(page, 'name'));
    assert.ok(!page.includes(fields.password), 'the password does not come back');
    assert.match(page, /aria-invalid="true"/);
    assert.equal(visitor.cookies.has('session'), false);
  });
}

test('accepts spaces and control characters in a password, and does not trim it', async (t) => {
  const chat = await serveChat(t);
  const spaced = '  pass word \u0001 ';
  assert.equal((await chat.visitor().submit('/register', { name: '张三 👋', password: spaced })).status, 303);
  assert.equal((await chat.visitor().submit('/login', { name: ' 张三 👋 ', password: spaced })).status, 303);
  assert.equal((await chat.visitor().submit('/login', { name: '张三 👋', password: spaced.trim() })).status, 400);
});

test('a wrong password and an unknown name get the same response, and too many attempts get 429', async (t) => {
  const chat = await serveChat(t);
  await chat.person('Ann');
  const visitor = chat.visitor();
  const texts: string[] = [];
  for (const name of ['Ann', 'Eve']) {
    const response = await visitor.submit('/login', { name, password: 'wrong horse' });
    assert.equal(response.status, 400);
    texts.push((await response.text()).replaceAll(/value="[^"]*"/g, ''));
  }
  assert.equal(texts[0], texts[1]);
  for (let count = 0; count < 4; count++) await visitor.submit('/login', { name: 'Ann', password: 'wrong horse' });
  const limited = await visitor.submit('/login', { name: 'Ann', password });
  assert.equal(limited.status, 429);
  const seconds = Number(limited.headers.get('retry-after'));
  assert.ok(seconds > 0 && seconds <= 900, `${seconds}`);
  assert.ok(field(await limited.text(), 'name').includes('value="Ann"'));
});

test('refuses a form without the XSRF token, shows the typed name again, and creates nothing', async (t) => {
  const chat = await serveChat(t);
  const visitor = chat.visitor();
  for (const send of [
    () => visitor.post('/register', { name: 'Ann', password }),
    async (): Promise<Response> => {
      await visitor.get('/register');
      return visitor.post('/register', { name: 'Ann', password });
    },
    () => visitor.post('/register', { name: 'Ann', password, _xsrf: 'forged' }),
    async (): Promise<Response> => {
      const other =
        /name="_xsrf" value="([^"]+)"/.exec(await (await chat.visitor().get('/register')).text())?.[1] ?? '';
      return visitor.post('/register', { name: 'Ann', password, _xsrf: other });
    },
  ]) {
    const response = await send();
    assert.equal(response.status, 403);
    assert.ok(field(await response.text(), 'name').includes('value="Ann"'));
  }
  assert.equal(visitor.cookies.has('session'), false);
  assert.equal(await chat.store.accounts.findByNameKey('ann'), undefined);
  await visitor.register('Ann');
});

test('ignores a forged session cookie', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  const genuine = ann.cookies.get('session') ?? '';
  const forgeries = [
    genuine.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
    [...genuine].toReversed().join(''),
    genuine.slice(0, -1),
    `${genuine}A`,
    Buffer.from(genuine).toString('base64url'),
    '2|1:0|10:1700000000|7:session|4:QUFB|' + '0'.repeat(64),
    '',
  ];
  for (const forgery of forgeries) {
    const visitor = chat.visitor();
    visitor.cookies.set('session', forgery);
    assert.equal((await visitor.get('/')).status, 302, forgery);
    assert.equal(await visitor.handshake(), 401, forgery);
  }
  assert.equal((await ann.get('/')).status, 200);
  assert.equal(await ann.handshake(), 101);
});

test('the session cookie is HttpOnly and SameSite, and new at each login', async (t) => {
  const chat = await serveChat(t);
  const visitor = chat.visitor();
  const response = await visitor.submit('/register', { name: 'Ann', password });
  const cookie = response.headers.getSetCookie().find((line) => line.startsWith('session='));
  assert.match(cookie ?? '', /; HttpOnly/);
  assert.match(cookie ?? '', /; SameSite=Lax/);
  assert.match(cookie ?? '', /; Path=\/(?:;|$)/);
  assert.doesNotMatch(cookie ?? '', /Secure/);
  const first = visitor.cookies.get('session') ?? '';
  const other = chat.visitor();
  await other.logIn('Ann');
  assert.notEqual(other.cookies.get('session'), first);
});

test('with an https origin cookies are Secure, and pages of the origin can open sockets', async (t) => {
  const chat = await serveChat(t, { origin: 'https://chat.example' });
  const visitor = chat.visitor();
  const page = await visitor.get('/register');
  assert.match(page.headers.getSetCookie().join('\n'), /__Host-_xsrf=.*; Secure/);
  const response = await visitor.submit('/register', { name: 'Ann', password });
  assert.match(response.headers.getSetCookie().join('\n'), /session=.*; Secure/);
  assert.equal(await visitor.handshake({ origin: 'https://chat.example' }), 101);
  assert.equal(await visitor.handshake({ origin: 'https://evil.example' }), 403);
});

test('a log-out requires the XSRF token and ends the session, also for a copy of the cookie', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  const kept = chat.visitor();
  for (const [name, value] of ann.cookies) kept.cookies.set(name, value);
  assert.equal((await ann.post('/logout', {})).status, 403);
  assert.equal((await ann.get('/logout')).status, 405);
  assert.equal((await ann.get('/')).status, 200);
  const response = await ann.submit('/logout', {}, '/');
  assert.equal(response.status, 303);
  assert.equal(response.headers.get('location'), '/login');
  assert.equal(ann.cookies.has('session'), false);
  assert.equal((await kept.get('/')).status, 302);
});

/** The XSRF field of the page. */
const tokenOf = async (page: Promise<Response>): Promise<string> =>
  /name="_xsrf" value="([^"]+)"/.exec(await (await page).text())?.[1] ?? '';

test('a page of one session cannot act in another session of the browser', async (t) => {
  const chat = await serveChat(t);
  await chat.person('Bob');
  const visitor = chat.visitor();
  const form = await tokenOf(visitor.get('/login'));
  await visitor.register('Ann');
  const ann = await tokenOf(visitor.get('/'));
  assert.equal((await visitor.post('/logout', { _xsrf: form })).status, 403, 'a form without a session');
  // The form that was opened before Ann signed in begins the session of Bob.
  assert.equal((await visitor.post('/login', { name: 'Bob', password, _xsrf: form })).status, 303);
  assert.equal((await visitor.post('/logout', { _xsrf: ann })).status, 403, 'a page of Ann, in the session of Bob');
  assert.equal((await visitor.get('/')).status, 200);
  const bob = await tokenOf(visitor.get('/'));
  assert.equal((await visitor.post('/logout', { _xsrf: bob })).status, 303);
  assert.equal((await visitor.get('/')).status, 302);
});

test('a log-out from a page whose session has ended elsewhere goes to the login page', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  const kept = chat.visitor();
  for (const [name, value] of ann.cookies) kept.cookies.set(name, value);
  const token = await tokenOf(kept.get('/'));
  assert.equal((await ann.submit('/logout', {}, '/')).status, 303);
  const again = await kept.post('/logout', { _xsrf: token });
  assert.equal(again.status, 303);
  assert.equal(again.headers.get('location'), '/login');
  // Another window of the same browser logged out, so its cookies are gone.
  const asleep = await ann.post('/logout', { _xsrf: token });
  assert.equal(asleep.status, 303);
  assert.equal(asleep.headers.get('location'), '/login');
  assert.deepEqual(asleep.headers.getSetCookie(), []);
});

test('a form that a page of another site sent is refused, even with the token', async (t) => {
  const chat = await serveChat(t, { origin: 'https://chat.example' });
  const visitor = chat.visitor();
  const post = async (headers: Record<string, string>): Promise<number> => {
    const _xsrf = await tokenOf(visitor.get('/register'));
    return (await visitor.post('/login', { name: 'Ann', password: 'wrong horse', _xsrf }, headers)).status;
  };
  assert.equal(await post({ origin: 'https://evil.example' }), 403);
  assert.equal(await post({ origin: 'null' }), 403);
  assert.equal(await post({ 'sec-fetch-site': 'same-site' }), 403);
  assert.equal(await post({ origin: 'https://chat.example' }), 400);
  assert.equal(await post({ origin: chat.url }), 400);
  assert.equal(await post({ origin: 'null', 'sec-fetch-site': 'same-origin' }), 400);
});

test('redirects a signed-in person from the forms', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  for (const path of ['/login', '/register']) {
    const response = await ann.get(`${path}?next=/?a=b`);
    assert.equal(response.status, 303);
    assert.equal(response.headers.get('location'), '/?a=b');
  }
});

test('signing in as another person ends the previous session', async (t) => {
  const chat = await serveChat(t);
  await chat.person('Bob');
  const visitor = chat.visitor();
  const token = await tokenOf(visitor.get('/login'));
  await visitor.register('Ann');
  const before = new Map(visitor.cookies);
  assert.equal((await visitor.post('/login', { name: 'Bob', password, _xsrf: token })).status, 303);
  assert.notEqual(visitor.cookies.get('session'), before.get('session'));
  const kept = chat.visitor();
  for (const [name, value] of before) kept.cookies.set(name, value);
  assert.equal((await kept.get('/')).status, 302);
});
