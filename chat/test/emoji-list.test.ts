/** The list of emoji after `:` in the message field. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveBuilt } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

test('a colon and two letters list emoji; Enter, Tab, the pointer and a second colon choose one, Esc and other keys do not', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const list = ada.page.getByRole('listbox', { name: 'Emoji' });
  const { composer } = ada;
  await composer.pressSequentially('so :t');
  assert.equal(await list.count(), 0);
  await composer.pressSequentially('ad');
  await list.getByRole('option', { name: 'tada' }).waitFor();
  assert.equal(await composer.getAttribute('aria-activedescendant'), 'emoji-0');
  await composer.press('Enter');
  assert.equal(await composer.inputValue(), 'so 🎉');
  await list.waitFor({ state: 'detached' });
  assert.equal(await composer.getAttribute('aria-controls'), null);

  await composer.pressSequentially('好:heart');
  const second = await list.getByRole('option').nth(1).textContent();
  await composer.press('ArrowDown');
  await composer.press('Tab');
  assert.match(second ?? '', /heart/);
  assert.equal(await composer.inputValue(), `so 🎉好${second?.replace(/[a-z_]+$/, '')}`);

  await composer.fill('');
  await composer.pressSequentially(':fire:');
  assert.equal(await composer.inputValue(), '🔥');
  await composer.fill('');
  await composer.pressSequentially(':dz');
  await list.getByRole('option', { name: 'thumbsup' }).click();
  assert.equal(await composer.inputValue(), '👍');
  await composer.press('Enter');
  await ada.seeTexts(['👍']);

  await composer.pressSequentially(':eyes');
  await list.waitFor();
  await composer.press('Escape');
  await list.waitFor({ state: 'detached' });
  await composer.press('Enter');
  await ada.seeTexts(['👍', ':eyes']);
  await composer.pressSequentially('at 10:30 see https://e.example/:up :zz');
  assert.equal(await list.count(), 0);
  await composer.press('Enter');
  await ada.seeTexts(['👍', ':eyes', 'at 10:30 see https://e.example/:up :zz']);
});

test('a Chinese page names emoji in Chinese, and the full-width colon lists none', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url, { locale: 'zh-CN' });
  await ada.register('林晓雨');
  const list = ada.page.getByRole('listbox', { name: '表情' });
  await ada.composer.pressSequentially('你好：ta');
  assert.equal(await list.count(), 0);
  await ada.composer.pressSequentially(' 你好:jia');
  await list.getByRole('option', { name: '加油' }).waitFor();
  await ada.composer.press('Enter');
  assert.equal(await ada.composer.inputValue(), '你好：ta 你好💪');
});
