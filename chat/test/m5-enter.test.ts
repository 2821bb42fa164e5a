/** M5: the Enter that ends a composition, as in Chinese input, sends nothing. m15-mentions.test.ts has the list of people. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { startServer, temporaryFolder } from './support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

test('M5: does not send on the Enter that ends a Chinese composition, but on the next one', async (t) => {
  const server = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`] });
  const zhang = await ChatWindow.open(t, browser, server.url, { locale: 'zh-CN' });
  await zhang.register('张三');
  await zhang.composer.focus();
  const devtools = await zhang.page.context().newCDPSession(zhang.page);
  await devtools.send('Input.imeSetComposition', { text: 'ni hao', selectionStart: 6, selectionEnd: 6 });
  // As with an input method: the key goes down during the composition, and the browser inserts nothing for it.
  const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13 };
  await devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
  await devtools.send('Input.insertText', { text: '你好' });
  await devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  assert.deepEqual(await zhang.texts(), []);
  assert.equal(await zhang.composer.inputValue(), '你好');
  // The order of Safari: the composition ends before its Enter, and only the key code shows it.
  await zhang.composer.evaluate((field) => {
    const init = { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent('keydown', init));
  });
  assert.deepEqual(await zhang.texts(), []);
  await zhang.page.keyboard.press('Enter');
  await zhang.seeTexts(['你好']);
});

test('M5: the Enter that ends a composition does not save an edit', async (t) => {
  const server = await startServer(t, { args: [`--data=${await temporaryFolder(t)}`] });
  const zhang = await ChatWindow.open(t, browser, server.url, { locale: 'zh-CN' });
  await zhang.register('张三');
  await zhang.sayAndSee('你好');
  await zhang.composer.press('ArrowUp');
  await zhang.page.getByText('编辑消息').waitFor();
  const devtools = await zhang.page.context().newCDPSession(zhang.page);
  const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13 };
  await devtools.send('Input.imeSetComposition', { text: 'ma', selectionStart: 2, selectionEnd: 2 });
  await devtools.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...enter });
  await devtools.send('Input.insertText', { text: '吗' });
  await devtools.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
  assert.equal(await zhang.composer.inputValue(), '你好吗');
  assert.deepEqual(await zhang.texts(), ['你好']);
  await zhang.page.keyboard.press('Enter');
  await zhang.seeTexts(['你好吗']);
});
