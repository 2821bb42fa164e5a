/** M13: after the quick switcher, what is typed goes to the room that the person sees, and drafts stay in their rooms. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket } from './support/raw-socket.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M13: Ctrl+K, Enter and the next words at once: they are in the room that is shown', async (t) => {
  const chat = await serveBuilt(t);
  const visitor = await chat.person('Ada');
  const socket = await RawSocket.open(visitor);
  await socket.do('make-room', { name: '张三的房间' });
  const ada = await ChatWindow.open(t, browser, chat.url);
  const { page } = ada;
  await ada.logIn('Ada');
  await ada.composer.fill('half a thought');
  // The list is there, as it is a moment after the page is shown. view/lazy-part.test.ts has the keys before that.
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: '张三的房间' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('combobox').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.keyboard.type('zs');
  await page.keyboard.press('Enter');
  await page.keyboard.type('for this room');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: '张三的房间', level: 1 }).waitFor();
  await ada.seeTexts(['for this room']);
  // The room before is the first choice.
  await page.keyboard.press('Control+k');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  assert.equal(await ada.composer.inputValue(), 'half a thought');
  await page.keyboard.press('Enter');
  await ada.seeTexts(['half a thought']);
  await page.keyboard.press('Control+k');
  await page.getByRole('combobox').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('combobox').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'composer', 'the focus returns');
});

test('M13: Ctrl+K, Enter and the next words before the list of rooms is loaded: they are in the room of the first result', async (t) => {
  const chat = await serveBuilt(t);
  await chat.person('Bob');
  const socket = await RawSocket.open(await chat.person('Ada'));
  await socket.do('make-room', { name: 'Tea' });
  const ada = await ChatWindow.open(t, browser, chat.url);
  const { page } = ada;
  await ada.logIn('Ada');
  for (const [query, name] of [
    ['tea', 'Tea'],
    ['bob', 'Bob'],
  ] as const) {
    const { promise: isReleased, resolve: release } = Promise.withResolvers<void>();
    await page.routeWebSocket(/\/socket$/, (window) => {
      const server = window.connectToServer();
      server.onMessage(async (frame) => {
        await isReleased;
        window.send(frame);
      });
    });
    await page.goto(`${chat.url}/#/rooms/lobby`);
    await page.reload();
    await page.locator('.shell:not([aria-busy]) .stage-loading').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type(query);
    await page.keyboard.press('Enter');
    await page.keyboard.type('for you');
    release();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await ada.seeComposed('for you');
    await page.keyboard.press('Enter');
    await ada.seeTexts(['for you']);
  }
});

test('the quick switcher of a person who is in one room only says that nothing is found after a search, not before', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.page.keyboard.press('Control+k');
  const dialog = ada.page.getByRole('dialog');
  // The list is loaded and empty.
  await dialog.getByRole('listbox', { includeHidden: true }).waitFor({ state: 'attached' });
  assert.equal(await dialog.innerText(), '');
  await ada.page.keyboard.type('x');
  await dialog.getByText('Nothing found').waitFor();
});

test('M13: a draft stays in its room and is there after other rooms and a reload, and nobody sees it', async (t) => {
  const chat = await serveBuilt(t);
  const socket = await RawSocket.open(await chat.person('Ada'));
  await socket.do('make-room', { name: 'Tea' });
  const bob = await ChatWindow.open(t, browser, chat.url);
  await bob.register('Bob');
  await bob.joinRoom('Tea');
  const ada = await ChatWindow.open(t, browser, chat.url);
  const { page } = ada;
  await ada.logIn('Ada');
  const goTo = async (room: string): Promise<void> => {
    await page.getByRole('link', { name: new RegExp(`^${room}`) }).click();
    await page.getByRole('heading', { name: room, level: 1 }).waitFor();
  };
  // The caret is kept by a part of the page that is loaded with the entries of the menu.
  await page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await page.getByRole('button', { name: 'Log out' }).waitFor();
  await page.keyboard.press('Escape');
  await ada.composer.pressSequentially('half a thought');
  for (let step = 0; step < 'a thought'.length; step++) await ada.composer.press('ArrowLeft');
  // At once, before it is stored.
  await goTo('Tea');
  assert.equal(await ada.composer.inputValue(), '');
  await page.getByRole('link', { name: /^Lobby.*Draft$/ }).waitFor();
  await ada.composer.pressSequentially('for Tea');
  await ada.composer.press('Enter');
  await bob.seeTexts(['for Tea']);
  assert.equal(await ada.composer.inputValue(), '');
  await ada.composer.pressSequentially('another draft');

  await goTo('Lobby');
  assert.equal(await ada.composer.inputValue(), 'half a thought');
  await page.keyboard.type('of ');
  assert.equal(await ada.composer.inputValue(), 'half of a thought', 'the caret is where it was');
  await ada.composer.press('End');
  await page.keyboard.type(', and more');
  await page.reload();
  await ada.composer.waitFor();
  assert.equal(await ada.composer.inputValue(), 'half of a thought, and more');
  await goTo('Tea');
  assert.equal(await ada.composer.inputValue(), 'another draft');
  await page.reload();
  await ada.composer.waitFor();
  assert.equal(await ada.composer.inputValue(), 'another draft');

  await ada.composer.press('Enter');
  await bob.seeTexts(['for Tea', 'another draft']);
  await goTo('Lobby');
  await ada.composer.press('Enter');
  await ada.seeTexts(['half of a thought, and more']);
  await page.getByRole('link', { name: 'Tea', exact: true }).waitFor();
  await page.reload();
  await ada.seeTexts(['half of a thought, and more']);
  assert.equal(await ada.composer.inputValue(), '', 'a sent text is no draft any more');
});
