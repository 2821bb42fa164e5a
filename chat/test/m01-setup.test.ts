/** M1: the first start asks for the administrator's account; afterwards the door is closed. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveChat } from './support/app.ts';
import { serveBuilt } from './support/built-app.ts';
import { violations } from './support/accessibility.ts';
import { password, runServer, startServer, temporaryFolder, Visitor } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

const invite = { registration: 'invite' } as const;
const elsewhere = { 'x-forwarded-for': '203.0.113.9' };

test('M1: a fresh chat leads from its address to one form and into the lobby; a second browser gets the sign-in', async (t) => {
  const chat = await serveBuilt(t, invite);
  const { page, ...ada } = await ChatWindow.open(t, browser, chat.url, { viewport: { width: 360, height: 740 } });
  await page.goto(chat.url);
  await page.waitForURL('**/setup');
  await page.getByRole('heading', { name: 'Set up your chat' }).waitFor();
  assert.deepEqual(await violations(page), []);
  assert.equal(await page.getByLabel('Setup token').count(), 0);
  // By keyboard alone.
  await page.getByLabel('Name').waitFor();
  await page.keyboard.type('Ada');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Your rooms' }).waitFor();
  assert.ok(ada);
  const people = await chat.database.tables.selectFrom('person').select(['name', 'role']).execute();
  assert.deepEqual(people, [{ name: 'Ada', role: 'administrator' }]);

  const second = await ChatWindow.open(t, browser, chat.url);
  for (const path of ['/', '/setup']) {
    await second.page.goto(chat.url + path);
    await second.page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  }
  assert.equal(await second.page.getByText('Create account').count(), 0);
  await second.page.goto(`${chat.url}/register`);
  await second.page.getByRole('heading', { name: 'This chat is by invitation' }).waitFor();
  assert.equal(await second.page.locator('input').count(), 0);
  assert.deepEqual(await violations(second.page), []);
});

test('M1: two setups at once make one administrator', async (t) => {
  const chat = await serveChat(t, invite);
  const visitors = ['Ada', 'Eve'].map((name) => ({ name, visitor: chat.visitor() }));
  const responses = await Promise.all(
    visitors.map(({ name, visitor }) => visitor.submit('/setup', { name, password })),
  );
  // The slower one is refused, or led to the page for signing in, which says why.
  const locations = responses.map((response) => response.headers.get('location') ?? '');
  assert.equal(locations.filter((location) => location.startsWith('/#') || location === '/').length, 1, `${locations}`);
  const refused = responses.find(({ status }) => status === 400);
  if (refused) assert.match(await refused.text(), /has an administrator already/);
  else assert.ok(locations.includes('/login?ended=setup'), `${locations}`);
  const people = await chat.database.tables.selectFrom('person').select('role').execute();
  assert.deepEqual(people, [{ role: 'administrator' }]);
});

test('M1: of two browsers that set up at once, one is in the room and the other is told to sign in', async (t) => {
  const chat = await serveBuilt(t, invite);
  const windows = [
    await ChatWindow.open(t, browser, chat.url, { locale: 'zh-CN' }),
    await ChatWindow.open(t, browser, chat.url, { locale: 'zh-CN' }),
  ];
  for (const [index, { page }] of windows.entries()) {
    await page.goto(chat.url);
    await page.getByLabel('名字').fill(['张三', '李四'][index]!);
    await page.getByLabel('密码', { exact: true }).fill(password);
  }
  await Promise.all(windows.map(({ page }) => page.getByRole('button', { name: '创建账号并开始' }).click()));
  const inRoom = await Promise.all(
    windows.map(async ({ composer, page }) => {
      const refused = page.getByText('聊天室已经有管理员了，请登录。');
      await composer.or(refused).first().waitFor();
      return composer.isVisible();
    }),
  );
  assert.deepEqual(inRoom.toSorted(), [false, true]);
  const [winner, loser] = inRoom[0] ? windows : windows.toReversed();
  await winner!.page.getByRole('heading', { name: '大厅', level: 1 }).waitFor();
  await winner!.sayAndSee('第一条消息');
  // Whoever lost cannot come back to the form.
  await loser!.page.goto(`${chat.url}/setup`);
  await loser!.page.getByRole('heading', { name: '欢迎回来' }).waitFor();
  const people = await chat.database.tables.selectFrom('person').select('role').execute();
  assert.deepEqual(people, [{ role: 'administrator' }]);
});

test('M1: a person who sends the form after somebody else has set up the chat is told why they have to sign in', async (t) => {
  const chat = await serveBuilt(t, invite);
  const { page, ...late } = await ChatWindow.open(t, browser, chat.url);
  assert.ok(late);
  await page.goto(chat.url);
  await page.getByLabel('Name').fill('Eve');
  await page.getByLabel('Password', { exact: true }).fill(password);
  assert.equal((await chat.visitor().submit('/setup', { name: 'Ada', password })).status, 303);
  await page.getByRole('button', { name: 'Create account and start' }).click();
  await page.getByRole('heading', { name: 'Welcome back' }).waitFor();
  await page.getByText('The chat has an administrator already. Please log in.').waitFor();
});

test('M1: a browser on another machine is asked for the setup token, and a wrong one keeps the form', async (t) => {
  const chat = await serveBuilt(t, { ...invite, trustedProxies: ['loopback'], setupToken: 'open sesame 1' });
  const { page, ...ada } = await ChatWindow.open(t, browser, chat.url, { extraHTTPHeaders: elsewhere });
  assert.ok(ada);
  await page.goto(chat.url);
  const token = page.getByLabel('Setup token');
  const submit = async (): Promise<void> => {
    await page.getByLabel('Name').fill('Ada');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Create account and start' }).click();
  };
  await token.fill('guessed');
  await submit();
  await page.getByText('This is not the setup token.').first().waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'Ada');
  // The address that the start prints fills it in.
  await page.goto(`${chat.url}/setup?token=open+sesame+1`);
  assert.equal(await token.inputValue(), 'open sesame 1');
  await submit();
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  // Alone there, the next step is to invite people.
  await page.getByRole('log').getByRole('link', { name: 'Invite people' }).click();
  await page.waitForURL('**/admin/invites');
});

test('M1: a visitor from another address needs the token of the log, and guesses are limited', async (t) => {
  const chat = await serveChat(t, { ...invite, trustedProxies: ['loopback'], setupToken: 'open sesame 1' });
  const visitor = chat.visitor();
  const submit = async (token: string, headers = elsewhere): Promise<Response> => {
    const html = await (await visitor.get('/setup', headers)).text();
    assert.match(html, /name="token"/);
    const _xsrf = /name="_xsrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    return visitor.post('/setup', { name: 'Ada', password, _xsrf, token }, headers);
  };
  assert.equal((await submit('')).status, 400);
  for (let guess = 0; guess < 10; guess++) assert.equal((await submit(`guess ${guess}`)).status, 400);
  const limited = await submit('open sesame 1');
  assert.equal(limited.status, 429);
  assert.ok(Number(limited.headers.get('retry-after')) > 0);
  assert.equal((await chat.database.tables.selectFrom('person').select('id').execute()).length, 0);
  const other = await submit('OPEN-SESAME-1', { 'x-forwarded-for': '198.51.100.4' });
  assert.equal(other.status, 303);
});

test('a proxy that is not trusted does not make visitors local', async (t) => {
  const chat = await serveChat(t, invite);
  for (const headers of [elsewhere, { forwarded: 'for=203.0.113.9' }, { via: '1.1 proxy' }]) {
    assert.match(await (await chat.visitor().get('/setup', headers)).text(), /name="token"/);
  }
  const origin = await serveChat(t, { ...invite, origin: 'https://chat.example' });
  assert.match(await (await origin.visitor().get('/setup')).text(), /name="token"/);
});

test('registration is refused in a chat by invitation, also for a script that sends the form', async (t) => {
  const chat = await serveChat(t, invite);
  assert.equal((await chat.visitor().get('/register')).headers.get('location'), '/setup');
  const ada = chat.visitor();
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  const eve = chat.visitor();
  assert.equal((await eve.get('/register')).status, 403);
  assert.equal((await eve.post('/register', { name: 'Eve', password })).status, 403);
  assert.equal((await eve.submit('/register', { name: 'Eve', password }, '/login')).status, 403);
  assert.equal((await chat.database.tables.selectFrom('person').select('id').execute()).length, 1);
});

test('--setup-token sets the token that a visitor from another address needs, and one that is too short is refused', async (t) => {
  // What a visitor types matches without spaces and hyphens.
  const empty = await runServer(t, { args: ['--port=0', '--setup-token=-- -- -- -- -a'] });
  assert.match(empty.errors, /^--setup-token must have 8 to 200 characters, spaces and hyphens not counted; got 1\. /);
  const short = await runServer(t, { args: ['--port=0', '--setup-token=seven77'] });
  assert.deepEqual([short.code, short.output], [1, '']);
  assert.match(short.errors, /setup-token/);
  const server = await startServer(t, {
    args: ['--setup-token=open sesame 1', '--trusted-proxies=loopback'],
    environment: { REGISTRATION: 'invite' },
  });
  await server.prints(/setup token open sesame 1\n/);
  const ada = new Visitor(t, server.url);
  const submit = async (token: string): Promise<Response> => {
    const html = await (await ada.get('/setup', elsewhere)).text();
    const _xsrf = /name="_xsrf" value="([^"]+)"/.exec(html)?.[1] ?? '';
    return ada.post('/setup', { name: 'Ada', password, _xsrf, token }, elsewhere);
  };
  assert.equal((await submit('open sesame 2')).status, 400);
  assert.equal((await submit('open sesame 1')).status, 303);
  assert.equal((await ada.get('/', elsewhere)).status, 200);
});

test('the start prints the address and the token of the setup, until there is an administrator', async (t) => {
  const data = await temporaryFolder(t);
  const start = { args: [`--data=${data}`], environment: { REGISTRATION: 'invite' } };
  const first = await startServer(t, start);
  const output = await first.prints(/setup token/);
  assert.match(output, /Open http:\/\/localhost:\d+\/setup to create the administrator's account/);
  const [, token = ''] = /setup token ([A-Z2-9-]{23})\n/.exec(output) ?? [];
  assert.notEqual(token, '');
  await first.end('SIGTERM');
  const second = await startServer(t, start);
  assert.match(await second.prints(/setup token/), new RegExp(token));
  const ada = new Visitor(t, second.url);
  assert.equal((await ada.submit('/setup', { name: 'Ada', password })).status, 303);
  await second.end('SIGTERM');
  const third = await startServer(t, start);
  await third.healthy();
  assert.doesNotMatch(third.output, /setup/);
});

test('people of a version without administrators: the log says how to make one, and /setup makes one with the token', async (t) => {
  const chat = await serveChat(t, { registration: 'open', setupToken: 'open sesame 1' });
  await chat.person('Ann');
  const visitor = chat.visitor();
  assert.match(await (await visitor.get('/login')).text(), /no administrator yet[\s\S]+href="\/setup"/);
  assert.equal((await visitor.submit('/setup', { name: 'Ada', password, token: 'wrong' })).status, 400);
  assert.equal((await visitor.submit('/setup', { name: 'Ada', password, token: 'open sesame 1' })).status, 303);
  const people = await chat.database.tables.selectFrom('person').select(['name', 'role']).orderBy('name').execute();
  assert.deepEqual(people, [
    { name: 'Ada', role: 'administrator' },
    { name: 'Ann', role: 'member' },
  ]);
  assert.doesNotMatch(await (await chat.visitor().get('/login')).text(), /no administrator yet/);
});
