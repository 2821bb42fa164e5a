/** Edits while something else happens: the message is deleted, the connection is slow or lost, the person goes on typing. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveAsProgram } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { startServer, temporaryFolder, type ServerProcess } from './support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

test('the changed text of a message that is deleted on another device stays in the composer', async (t) => {
  const { url } = await serveAsProgram(t);
  const one = await ChatWindow.open(t, browser, url);
  await one.register('Ada');
  const other = await ChatWindow.open(t, browser, url);
  await other.logIn('Ada');
  await one.sayAndSee('a plan');
  await one.press('a plan', 'Edit');
  await one.composer.pressSequentially(' with many words');
  await other.press('a plan', 'More actions');
  await other.page.getByRole('dialog').getByRole('button', { name: 'Recall' }).click();
  await one.page.locator('.notice-bar').getByText('This message was deleted').waitFor();
  await one.seeComposed('a plan with many words');
  await one.page.getByText('Edit message').waitFor({ state: 'detached' });
  await one.page.reload();
  await one.seeComposed('a plan with many words');
});

test('an edit that nobody has begun to change shows what another window saves meanwhile, so Enter brings nothing back', async (t) => {
  const { url } = await serveAsProgram(t);
  const one = await ChatWindow.open(t, browser, url);
  await one.register('Ada');
  const other = await ChatWindow.open(t, browser, url);
  await other.logIn('Ada');
  await one.composer.fill('a draft');
  await one.composer.press('Home');
  await other.sayAndSee('a plan');
  await one.press('a plan', 'Edit');
  await other.press('a plan', 'Edit');
  await other.composer.fill('a better plan');
  await other.composer.press('Enter');
  await one.seeComposed('a better plan');
  await one.page.getByText('Edit message').waitFor();
  // What a person has changed stays.
  await one.composer.pressSequentially(' of mine');
  await other.press('a better plan', 'Edit');
  await other.composer.fill('another plan');
  await other.composer.press('Enter');
  await one.rowOf('another plan').waitFor();
  assert.equal(await one.composer.inputValue(), 'a better plan of mine');
  await one.composer.press('Enter');
  await other.rowOf('a better plan of mine').waitFor();
  assert.equal(await one.composer.inputValue(), 'a draft');
});

test('a reply that one window has sent is no reply in another one that loaded its draft', async (t) => {
  const { url } = await serveAsProgram(t);
  const one = await ChatWindow.open(t, browser, url);
  await one.register('Ada');
  await one.sayAndSee('a plan');
  await one.press('a plan', 'Reply');
  await one.composer.fill('a good one');
  // Leaving the field stores the draft.
  await one.composer.blur();
  const other = new ChatWindow(await one.page.context().newPage(), url);
  await other.page.goto(url);
  await other.seeComposed('a good one');
  const bar = other.page.getByText('Reply to yourself');
  await bar.waitFor();
  await one.composer.press('Enter');
  await other.seeComposed('');
  await bar.waitFor({ state: 'detached' });
  await other.sayAndSee('something else');
  assert.equal(await other.rowOf('something else').locator('.quote').count(), 0);
  assert.equal(await other.rowOf('a good one').locator('.quote').count(), 1);
});

test('an edit on a lost connection waits with a clock while the person writes on, and is sent later', async (t) => {
  const folder = await temporaryFolder(t);
  const start = (port = 0): Promise<ServerProcess> => startServer(t, { args: [`--data=${folder}`, `--port=${port}`] });
  const server = await start();
  const port = Number(new URL(server.url).port);
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await ada.sayAndSee('helo');
  await ada.press('helo', 'Edit');
  await server.end();
  await ada.composer.fill('hello');
  await ada.composer.press('Enter');
  await ada.rowOf('hello').getByRole('img', { name: 'Waiting for the connection…' }).waitFor();
  await ada.composer.pressSequentially('the next message');
  assert.equal(await ada.composer.inputValue(), 'the next message');
  await start(port);
  await ada.rowOf('hello').getByText('(edited)').waitFor();
  assert.equal(await ada.composer.inputValue(), 'the next message');
});

test('Up edits no older message while the last one waits for the connection', async (t) => {
  const folder = await temporaryFolder(t);
  const server = await startServer(t, { args: [`--data=${folder}`] });
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  // Shown by the late parts, which have what Up does.
  await ada.page.getByRole('button', { name: 'Write the first message' }).waitFor();
  await ada.sayAndSee('first');
  await server.end();
  await ada.say('second');
  await ada.log.locator('.message--pending', { hasText: 'second' }).waitFor();
  await ada.composer.press('ArrowUp');
  assert.equal(await ada.composer.inputValue(), '');
  assert.equal(await ada.page.getByText('Edit message').count(), 0);
});

test('an empty edit says that there is nothing to read', async (t) => {
  const { url } = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.sayAndSee('first');
  await ada.composer.press('ArrowUp');
  await ada.seeComposed('first');
  await ada.composer.fill('');
  await ada.composer.press('Enter');
  await ada.page.getByRole('alert').getByText('There is nothing to read in this message.').waitFor();
});
