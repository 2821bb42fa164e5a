/** Ways from one message to another, to the people in it, and out of the chat. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveAsProgram } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { startServer, temporaryFolder } from './support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

test('a link to a message of this chat opens it in the same window, and a message that is not there says so', async (t) => {
  const { url } = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.sayAndSee('the beginning');
  await ada.sayAndSee(`see ${url}/#/rooms/lobby/1 and https://elsewhere.example/`);
  const [here, elsewhere] = await ada.log.locator('.message-content a').all();
  assert.equal(await elsewhere!.getAttribute('target'), '_blank');
  await here!.click();
  await ada.rowOf('the beginning').and(ada.page.locator(':focus')).waitFor();
  assert.equal(ada.page.context().pages().length, 1);
  await ada.page.evaluate(() => (location.hash = '#/rooms/lobby/999'));
  await ada.page.getByRole('status').getByText('This message is no longer there').waitFor();
  assert.deepEqual((await ada.texts())[0], 'the beginning');
  await ada.page.goto('about:blank');
  await ada.page.goto(`${url}/#/rooms/lobby/998`);
  await ada.page.getByRole('status').getByText('This message is no longer there').waitFor();
});

test('a message that appears below the pointer has its toolbar as soon as it is stored', async (t) => {
  const args = [`--data=${await temporaryFolder(t)}`];
  const server = await startServer(t, { args });
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await ada.sayAndSee('before');
  await ada.rowOf('before').hover();
  await ada.page.getByRole('group', { name: 'Message actions' }).waitFor();
  await server.end();
  await ada.say('new');
  await ada.rowOf('new').hover();
  await ada.page.getByRole('group', { name: 'Message actions' }).waitFor({ state: 'detached' });
  await startServer(t, { args: [...args, `--port=${new URL(server.url).port}`] });
  await ada.rowOf('new').getByRole('group', { name: 'Message actions' }).waitFor();
});

test('a long press on a reaction shows who reacted, and does not react', async (t) => {
  const { url } = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.sayAndSee('hello');
  await ada.press('hello', 'React with 👍');
  const phone = await ChatWindow.open(t, browser, url, {
    viewport: { width: 360, height: 640 },
    hasTouch: true,
    isMobile: true,
  });
  await phone.register('张三');
  await phone.page.getByRole('link', { name: 'Lobby' }).tap();
  const reaction = phone.rowOf('hello').getByRole('button', { name: '👍 1 person' });
  await reaction.waitFor();
  const { x, y } = (await reaction.boundingBox())!;
  const session = await phone.page.context().newCDPSession(phone.page);
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: x + 5, y: y + 5 }] });
  const people = phone.page.getByRole('dialog', { name: 'Reactions' });
  await people.getByText('Ada').waitFor();
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await phone.page.keyboard.press('Escape');
  await people.waitFor({ state: 'detached' });
  assert.equal(await reaction.getAttribute('aria-pressed'), 'false');
  await reaction.tap();
  await ada.rowOf('hello').getByRole('button', { name: '👍 2 people' }).waitFor();
});

test('a chosen name that is being deleted lists people again', async (t) => {
  const { url } = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const other = await ChatWindow.open(t, browser, url);
  await other.register('张三');
  await ada.composer.pressSequentially('@zs');
  const options = ada.page.getByRole('option');
  await options.first().waitFor();
  await ada.page.keyboard.press('Enter');
  await options.first().waitFor({ state: 'detached' });
  assert.equal(await ada.composer.inputValue(), '@张三 ');
  await ada.page.keyboard.press('Backspace');
  await ada.page.keyboard.press('Backspace');
  await options.getByText('张三').waitFor();
  await ada.page.keyboard.press('Escape');
  await ada.page.keyboard.press('Backspace');
  await options.first().waitFor({ state: 'detached' });
});
