/**
 * Every form of the chat: without its token, from another site or with values that no page sends it changes nothing, and none of them is an
 * error of the server. A new route needs a row.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';
import { serveChat, type ServedChat } from './support/app.ts';
import { password, type Visitor } from './support/chat-server.ts';

/** Who sends a form. */
type Sender = 'visitor' | 'member' | 'administrator';

/** A form that would do something: its fields, the page with its token, and who sends it. */
interface FormRow {
  readonly by: Sender;
  readonly page: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** What the rows need. */
interface Ids {
  readonly memberId: string;
  readonly room: string;
}

/** Forms by the pattern of their route; an empty list for a route without forms. */
const forms: Readonly<Record<string, (ids: Ids) => readonly FormRow[]>> = {
  '/': () => [],
  '/login': () => [{ by: 'visitor', page: '/login', fields: { name: 'Bob', password, next: '/' } }],
  '/register': () => [{ by: 'visitor', page: '/register', fields: { name: 'New', password, next: '/' } }],
  // It is open before the first account only; m01-setup.test.ts has the rest.
  '/setup': () => [],
  // Tested below: its address has a token.
  '/invite/:token': () => [],
  '/sign-in/:token': () => [],
  '/settings': () => [],
  '/settings/profile': () => [{ by: 'member', page: '/settings', fields: { name: 'Renamed' } }],
  '/settings/picture': () => [{ by: 'member', page: '/settings', fields: { remove: 'yes' } }],
  '/settings/preferences': () => [
    {
      by: 'member',
      page: '/settings',
      fields: { theme: 'dark', language: 'zh-CN', timeZone: 'Asia/Shanghai', sendKey: 'ctrl-enter', roomOrder: 'name' },
    },
  ],
  '/settings/password': () => [
    { by: 'member', page: '/settings', fields: { current: password, password: 'another good one' } },
  ],
  '/settings/sessions': () => [{ by: 'member', page: '/settings', fields: { handle: '' } }],
  '/settings/delete': () => [{ by: 'member', page: '/settings', fields: { current: password } }],
  '/admin/people': ({ memberId: id }) => [
    { by: 'administrator', page: '/settings', fields: { action: 'role', role: 'guest', id } },
    { by: 'administrator', page: '/settings', fields: { action: 'link', id } },
    { by: 'administrator', page: '/settings', fields: { action: 'deactivate', id } },
    { by: 'administrator', page: '/settings', fields: { action: 'reactivate', id } },
  ],
  '/admin/invites': ({ room }) => [
    {
      by: 'administrator',
      page: '/settings',
      fields: { action: 'make', role: 'guest', lasts: 'week', uses: '1', rooms: room },
    },
    { by: 'administrator', page: '/settings', fields: { action: 'revoke', id: 'x' } },
    { by: 'administrator', page: '/settings', fields: { action: 'renew', id: 'x' } },
  ],
  '/admin/rooms': ({ room }) => [
    { by: 'administrator', page: '/settings', fields: { action: 'rename', room, name: 'Mine' } },
    { by: 'administrator', page: '/settings', fields: { action: 'archive', room } },
    { by: 'administrator', page: '/settings', fields: { action: 'open', room } },
    { by: 'administrator', page: '/settings', fields: { action: 'delete', room, confirm: 'yes' } },
  ],
  '/admin/audit': () => [],
  '/people/:id/picture/:hash': () => [],
  '/logout': () => [{ by: 'member', page: '/settings', fields: {} }],
  '/language': () => [{ by: 'member', page: '/settings', fields: { lang: 'zh-CN', next: '/' } }],
  '/me': () => [],
  '/rooms/:room': () => [],
  '/socket': () => [],
};

interface Started {
  readonly chat: ServedChat;
  readonly people: Readonly<Record<Sender, Visitor>>;
  readonly rows: readonly (FormRow & { readonly path: string })[];
}

async function start(t: TestContext): Promise<Started> {
  const chat = await serveChat(t, { requests: { formsPerMinute: 100_000, requestsPerMinute: 100_000 } });
  const administrator = chat.visitor();
  assert.equal((await administrator.submit('/setup', { name: 'Ada', password })).status, 303);
  const member = await chat.person('Bob');
  const { tables } = chat.database;
  const { id: memberId } = await tables
    .selectFrom('person')
    .select('id')
    .where('name', '=', 'Bob')
    .executeTakeFirstOrThrow();
  const room = 'tearoom';
  await tables
    .insertInto('room')
    .values({ id: room, kind: 'public', name: 'Tea', nameKey: 'tea', madeBy: memberId, madeAt: 1, kept: 1 })
    .execute();
  const rows = Object.entries(forms).flatMap(([path, make]) =>
    make({ memberId, room }).map((row) => ({ ...row, path })),
  );
  return { chat, people: { visitor: chat.visitor(), member, administrator }, rows };
}

/** Everything that a form could have changed. Reads move `last use` of a session. */
async function snapshot({ database: { tables } }: ServedChat): Promise<string> {
  return JSON.stringify([
    await tables.selectFrom('person').selectAll().orderBy('id').execute(),
    await tables.selectFrom('room').selectAll().orderBy('id').execute(),
    await tables.selectFrom('member').selectAll().orderBy('roomId').orderBy('personId').execute(),
    await tables.selectFrom('invite').selectAll().orderBy('id').execute(),
    await tables.selectFrom('signInLink').selectAll().orderBy('tokenHash').execute(),
    await tables.selectFrom('audit').selectAll().orderBy('id').execute(),
    (await tables.selectFrom('session').select('personId').execute()).length,
  ]);
}

async function tokenOf(visitor: Visitor, page: string): Promise<string> {
  return /name="_xsrf" value="([^"]+)"/.exec(await (await visitor.get(page)).text())?.[1] ?? '';
}

test('every route has a row', async () => {
  const source = await readFile(new URL('../app.ts', import.meta.url), 'utf8');
  const paths = [...source.matchAll(/^ *\['(\/[^']*)', \w+, \{ init/gm)].map(([, path = '']) => path);
  assert.ok(paths.length > 20);
  assert.deepEqual(Object.keys(forms).toSorted(), paths.toSorted());
});

test('no form works without its token, with the token of another person, or from a page of another site', async (t) => {
  const { chat, people, rows } = await start(t);
  const foreign = await tokenOf(await chat.person('Eve'), '/settings');
  const before = await snapshot(chat);
  for (const { path, by, page, fields } of rows) {
    const sender = people[by];
    const own = await tokenOf(sender, page);
    assert.notEqual(own, '', path);
    const requests: readonly (readonly [string, Readonly<Record<string, string>>, Readonly<Record<string, string>>])[] =
      [
        ['no token', {}, {}],
        ['an empty token', { _xsrf: '' }, {}],
        ['a made up token', { _xsrf: `${own.slice(0, -1)}${own.endsWith('A') ? 'B' : 'A'}` }, {}],
        ['the token of another person', { _xsrf: foreign }, {}],
        ['another site', { _xsrf: own }, { 'sec-fetch-site': 'cross-site' }],
        ['another site of the same domain', { _xsrf: own }, { 'sec-fetch-site': 'same-site' }],
        ['the origin of another site', { _xsrf: own }, { origin: 'https://evil.example' }],
        ['a page without an origin', { _xsrf: own }, { origin: 'null' }],
      ];
    for (const [what, token, headers] of requests) {
      const { status } = await sender.post(path, { ...fields, ...token }, headers);
      assert.equal(status, 403, `${path} with ${what}`);
    }
  }
  assert.equal(await snapshot(chat), before);
  assert.equal((await people.member.get('/settings')).status, 200, 'Bob is still signed in');
});

test('a link of another site does not change the language of a person', async (t) => {
  const { people } = await start(t);
  const path = '/language?lang=zh-CN&next=/settings';
  for (const site of ['cross-site', 'same-site']) {
    const response = await people.member.get(path, { 'sec-fetch-site': site });
    assert.deepEqual([response.status, response.headers.getSetCookie()], [303, []], site);
    assert.match(await (await people.member.get('/settings')).text(), /<html lang="en"/);
  }
  assert.equal((await people.member.get(path, { 'sec-fetch-site': 'same-origin' })).status, 303);
  assert.match(await (await people.member.get('/settings')).text(), /<html lang="zh-CN"/);
});

/** Encoded values that no page sends. */
const values: readonly string[] = [
  '',
  '+',
  '%00',
  'a%00b',
  '%ff',
  '%ed%a0%80',
  '%u0041',
  '%',
  '-1',
  '1e999',
  'NaN',
  '9223372036854775808',
  '__proto__',
  'constructor',
  '%E2%80%AE%E2%81%A6',
  '%E2%80%8B%EF%BB%BF',
  '%3Cscript%3Ealert(1)%3C/script%3E',
  "'+OR+1=1;--",
  '%0d%0aSet-Cookie:+x=y',
  'x'.repeat(30_000),
  '%CD%85%CC%B4'.repeat(2500),
  '%F0%9F%98%80'.repeat(2000),
];

test('no field of a form is an error of the server, whatever its value, and no value is shown as markup', async (t) => {
  const { chat, people, rows } = await start(t);
  // Wrong passwords are limited, and sign-outs would end the test.
  const skipped = new Set(['/logout', '/login', '/register']);
  const tried = rows.filter(({ path }) => !skipped.has(path));
  // Administrators change what the member has, so they are last.
  for (const { path, by, page, fields } of tried.toSorted((one, other) => (one.by < other.by ? 1 : -1))) {
    const sender = people[by];
    const token = encodeURIComponent(await tokenOf(sender, page));
    const names = [...Object.keys(fields), 'q', 'page', 'after', '__proto__', 'constructor[prototype]'];
    for (const field of names) {
      for (const value of values) {
        // A value in place of the right one, and as a second one.
        for (const isSecond of value.length < 4 ? [false, true] : [false]) {
          const others = Object.entries(fields).filter(([name]) => isSecond || name !== field);
          const pairs = others.map(
            ([name, text]) => `${name}=${encodeURIComponent(name === 'current' || name === 'confirm' ? 'no' : text)}`,
          );
          const response = await fetch(chat.url + path, {
            method: 'POST',
            redirect: 'manual',
            headers: { cookie: sender.cookieHeader, 'content-type': 'application/x-www-form-urlencoded' },
            body: [`_xsrf=${token}`, ...pairs, `${encodeURIComponent(field)}=${value}`].join('&'),
          });
          const what = `${path} ${field}=${value.slice(0, 40)}`;
          const text = await response.text();
          assert.ok(response.status < 500 && response.status !== 403, `${what}: ${response.status}`);
          assert.doesNotMatch(text, /<script>alert|Error:|\bat .*\.ts/, what);
          assert.equal(
            response.headers.getSetCookie().some((line) => line.startsWith('x=')),
            false,
            what,
          );
          const location = response.headers.get('location') ?? '/';
          assert.match(location, /^\/(?![/\\])/, what);
        }
      }
    }
  }
  for (const [path, query] of [
    ['/admin/people', 'q'],
    ['/admin/people', 'after'],
    ['/admin/people', 'done'],
    ['/admin/rooms', 'q'],
    ['/admin/rooms', 'page'],
    ['/admin/audit', 'before'],
    ['/admin/invites', 'done'],
    ['/settings', 'done'],
    ['/login', 'next'],
    ['/login', 'ended'],
    ['/language', 'lang'],
    ['/language', 'next'],
    ['/me', 'x'],
  ] as const) {
    for (const value of values.filter((text) => text.length < 7000)) {
      const response = await people.administrator.get(`${path}?${query}=${value}`);
      assert.ok(response.status < 500, `${path}?${query}=${value}: ${response.status}`);
      assert.doesNotMatch(await response.text(), /<script>alert/, `${path}?${query}=${value}`);
      assert.match(response.headers.get('location') ?? '/', /^\/(?![/\\])/);
    }
  }
});
