/** M24: the settings list the devices of a person; ending one closes it within a second. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveChat } from './support/app.ts';
import { serveBuilt } from './support/built-app.ts';
import { violations } from './support/accessibility.ts';
import { password } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { within } from './support/within.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M24: the list has both browsers, and ending the other one closes its window', async (t) => {
  const { url } = await serveBuilt(t);
  const one = await ChatWindow.open(t, browser, url);
  await one.register('Ada');
  const userAgent =
    'Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1';
  const other = await ChatWindow.open(t, browser, url, { userAgent });
  await other.logIn('Ada');
  await one.page.goto(`${url}/settings`);
  assert.deepEqual(await violations(one.page), []);
  const rows = one.page.locator('#sessions .row');
  assert.equal(await rows.count(), 2);
  assert.match((await rows.nth(0).textContent()) ?? '', /This device/);
  await one.page.getByRole('button', { name: 'Sign out Safari on iPhone' }).click();
  const isClosed = other.page.getByText('You have been signed out').waitFor();
  await within(isClosed, () => 'the end of the other window', 1000);
  await one.page.getByText('The device is signed out.').waitFor();
  assert.equal(await rows.count(), 1);
});

test('a new password ends all other sessions, and a wrong one changes nothing', async (t) => {
  const chat = await serveChat(t);
  const ada = await chat.person('Ada');
  const phone = chat.visitor();
  await phone.logIn('Ada');
  const change = { current: 'wrong password', password: 'another good password' };
  assert.equal((await ada.submit('/settings/password', change, '/settings')).status, 400);
  assert.equal((await phone.get('/settings')).status, 200);
  const changed = await ada.submit('/settings/password', { ...change, current: password }, '/settings');
  assert.equal(changed.status, 303);
  assert.equal((await phone.get('/settings')).status, 302);
  assert.equal((await ada.get('/settings')).status, 200);
  assert.equal((await chat.visitor().submit('/login', { name: 'Ada', password })).status, 400);
});

test('a session of another person cannot be ended', async (t) => {
  const chat = await serveChat(t);
  const [ada, eve] = [await chat.person('Ada'), await chat.person('Eve')];
  const { id } = await chat.database.tables
    .selectFrom('session')
    .innerJoin('person', 'person.id', 'session.personId')
    .select('session.id')
    .where('person.name', '=', 'Ada')
    .executeTakeFirstOrThrow();
  assert.equal((await eve.submit('/settings/sessions', { handle: id }, '/settings')).status, 404);
  assert.equal((await ada.get('/settings')).status, 200);
});

test('a person who forgot the password signs in with a link once, and then chooses a new one', async (t) => {
  const chat = await serveChat(t);
  await chat.person('Ada');
  const { tables } = chat.database;
  const { id } = await tables.selectFrom('person').select('id').executeTakeFirstOrThrow();
  const { createToken, hashToken } = await import('../tokens.ts');
  const token = createToken();
  const row = { tokenHash: hashToken(token), personId: id, madeBy: '', expiresAt: Date.now() + 60_000, usedAt: null };
  await tables.insertInto('signInLink').values(row).execute();
  const ada = chat.visitor();
  const page = await (await ada.get(`/sign-in/${token}`)).text();
  assert.match(page, /Sign in as Ada/);
  assert.equal((await ada.get('/settings')).status, 302);
  assert.equal((await ada.submit(`/sign-in/${token}`, {})).status, 303);
  assert.doesNotMatch(await (await ada.get('/settings')).text(), /id="[^"]*current"[\s\S]*id="sessions"/);
  const changed = await ada.submit('/settings/password', { password: 'another good password' }, '/settings');
  assert.equal(changed.status, 303);
  assert.equal((await chat.visitor().get(`/sign-in/${token}`)).status, 410);
  assert.equal((await chat.visitor().submit('/login', { name: 'Ada', password: 'another good password' })).status, 303);
});

test('a deleted account cannot sign in, its name is free, and the only administrator stays', async (t) => {
  const chat = await serveChat(t);
  const root = chat.visitor();
  assert.equal((await root.submit('/setup', { name: 'Root', password })).status, 303);
  assert.equal((await root.submit('/settings/delete', { current: password }, '/settings')).status, 409);
  const ada = await chat.person('Ada');
  assert.equal((await ada.submit('/settings/delete', { current: 'wrong password' }, '/settings')).status, 400);
  const deleted = await ada.submit('/settings/delete', { current: password }, '/settings');
  assert.equal(deleted.headers.get('location'), '/login?ended=deleted');
  assert.match(await (await ada.get('/login?ended=deleted')).text(), /The account is deleted/);
  assert.equal((await ada.get('/settings')).status, 302);
  assert.equal((await chat.visitor().submit('/login', { name: 'Ada', password })).status, 400);
  await chat.person('Ada');
});
