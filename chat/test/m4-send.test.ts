/** M4: a message is visible before the server has stored it, everybody has it within a second, and everybody has it once. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import { serveAsProgram } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { SocketProxy } from './support/socket-proxy.ts';
import { watchText } from './support/watch-text.ts';

const browser = await launchChromium();
after(() => browser.close());

interface Opened {
  readonly ada: ChatWindow;
  /** A second window of Ada, in another browser. */
  readonly second: ChatWindow;
  readonly bob: ChatWindow;
  /** The proxy of the first window. */
  readonly proxy: SocketProxy;
}

async function open(t: TestContext): Promise<Opened> {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  const proxy = await SocketProxy.open(ada.page);
  const second = await ChatWindow.open(t, browser, server.url);
  const bob = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await second.logIn('Ada');
  await bob.register('Bob');
  await ada.seePeople(2);
  return { ada, second, bob, proxy };
}

for (const [what, held] of [
  ['its reply and the message of the room are late', ['publish', 'message']],
  ['only its reply is late', ['publish']],
  ['only the message of the room is late', ['message']],
] as const) {
  test(`M4: a message is visible at once, pale until it is stored, and one element all the time, when ${what}`, async (t) => {
    const { ada, second, bob, proxy } = await open(t);
    await ada.page.clock.install();
    const windows = [ada, second, bob];
    const watches = await Promise.all(windows.map((window) => watchText(window, 'hello')));
    proxy.hold(...held);
    await ada.say('hello');
    const row = ada.log.locator('.message', { hasText: 'hello' });
    await row.evaluate((element) => element.setAttribute('data-test', 'the same'));
    await proxy.holds(held.length);
    await bob.seeTexts(['hello']);
    await ada.page.clock.runFor(2000);
    const pale = ada.log.locator('.message--pending .bubble');
    if (held.length === 2) assert.ok(Number(await pale.evaluate((bubble) => getComputedStyle(bubble).opacity)) < 1);
    else await ada.log.locator('.message--sent').waitFor();
    await ada.seeTexts(['hello']);

    proxy.release();
    // It has its number now, so the message of the room has replaced the one that was typed.
    await ada.log.locator('.message--sent[data-seq][data-test="the same"]').waitFor();
    await pale.waitFor({ state: 'detached' });
    assert.equal(await row.locator('.message-status').count(), 0);
    await bob.sayAndSee('an answer');
    for (const window of windows) await window.seeTexts(['hello', 'an answer']);
    for (const read of watches) assert.equal((await read()).most, 1);
  });
}

test('M4: the windows of others, and the other one of the author, have a message within a second', async (t) => {
  const { ada, second, bob } = await open(t);
  const windows = [ada, second, bob];
  // The windows have loaded everything when they have this one.
  const texts = ['hello', 'one', '第二条', 'three', 'four', 'five'];
  const delays: number[] = [];
  for (const text of texts) {
    const watches = await Promise.all(windows.map((window) => watchText(window, text)));
    await ada.sayAndSee(text);
    for (const window of windows) await window.log.getByText(text, { exact: true }).waitFor();
    const [typed, ...others] = await Promise.all(watches.map((read) => read()));
    for (const { most } of others) assert.equal(most, 1);
    if (text !== 'hello') delays.push(Math.max(...others.map(({ at }) => at! - typed!.at!)));
  }
  // Most of them: the machine of the test may be busy for a moment.
  assert.ok(delays.toSorted((a, b) => a - b)[3]! <= 1000, `${delays} ms`);
  for (const window of windows) await window.seeTexts(texts);
});

test('M4: a message is on screen in the frame of the key', async (t) => {
  const { ada } = await open(t);
  await ada.composer.fill('hello');
  const shown = await ada.composer.evaluate((field) => {
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 13, bubbles: true, cancelable: true }));
    // After the callbacks of the page, before the frame is drawn.
    return new Promise((resolve) =>
      requestAnimationFrame(() => resolve(document.querySelector('.message .message-content')?.textContent)),
    );
  });
  assert.equal(shown, 'hello');
});
