/** Text from right to left, as in Arabic and Hebrew, between text from left to right. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { serveAsProgram } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

async function open(t: TestContext, name: string): Promise<{ window: ChatWindow; page: Page }> {
  const { url } = await serveAsProgram(t);
  const window = await ChatWindow.open(t, browser, url);
  await window.register(name);
  return { window, page: window.page };
}

/** Where the first and the last character of each line of an element are, in pixels from its left edge, and its width. */
function lines(
  element: Locator,
): Promise<{ first: number; last: number; left: number; right: number; width: number }[]> {
  return element.evaluate((root) => {
    const boxes: DOMRect[] = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let text = '';
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const content = node.nodeValue ?? '';
      for (let at = 0; at < content.length; at++) {
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        boxes.push(range.getBoundingClientRect());
      }
      text += content;
    }
    const { left, width } = root.getBoundingClientRect();
    let at = 0;
    return text.split('\n').map((line) => {
      const own = boxes.slice(at, at + line.length);
      at += line.length + 1;
      return {
        first: own[0]!.left - left,
        last: own.at(-1)!.left - left,
        left: Math.min(...own.map((box) => box.left)) - left,
        right: Math.max(...own.map((box) => box.right)) - left,
        width,
      };
    });
  });
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= 1;

for (const text of [
  'Ends (here).\nينتهي (هنا).\nAnd a much longer line of English (here).\nנגמר (כאן).',
  'ينتهي هنا (مثال).\nEnds (here).\nסוף השורה הארוכה הזאת נמצא כאן (דוגמה).\nEnds https://a.example/.',
]) {
  test(`each line of ${JSON.stringify(text.slice(0, 12))} has its own direction and side`, async (t) => {
    const { window } = await open(t, 'Ada');
    await window.say(text);
    await window.seeTexts([text]);
    for (const [index, line] of (await lines(window.log.locator('.message-text'))).entries()) {
      const isLeftToRight = /^[A-Z]/.test(text.split('\n')[index]!);
      assert.equal(line.last > line.first, isLeftToRight, `line ${index + 1} ends where its direction says`);
      if (isLeftToRight) assert.ok(isNear(line.left, 0), `line ${index + 1} begins on the left`);
      else assert.ok(isNear(line.right, line.width), `line ${index + 1} begins on the right`);
    }
    assert.equal(await window.composer.evaluate((field) => getComputedStyle(field).unicodeBidi), 'plaintext');
  });
}

test('an address is read from left to right in a line from right to left', async (t) => {
  const { window } = await open(t, 'Ada');
  await window.say('هل رأيت https://a.example/b؟');
  const link = window.log.locator('.message-text a');
  assert.equal(await link.innerText(), 'https://a.example/b');
  const [address] = await lines(link);
  assert.ok(address && address.last > address.first);
  const [line] = await lines(window.log.locator('.message-text'));
  assert.ok(line && isNear(line.last, line.left), 'the question mark is on the left');
});

test('names have their own direction and do not change the text around them', async (t) => {
  const name = 'عمر (2)';
  const { page } = await open(t, name);
  for (const selector of ['.user-name', '.people-name']) {
    const [line] = await lines(page.locator(selector));
    assert.ok(line && line.first > line.last && isNear(line.left, 0), selector);
  }
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByLabel('Name of the room').fill('غرفة (1)');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'غرفة (1)', level: 1 }).waitFor();
  for (const selector of ['.room-name', '.room-link[aria-current] .room-link-name']) {
    const [line] = await lines(page.locator(selector));
    assert.ok(line && line.first > line.last && isNear(line.left, 0), selector);
  }
  assert.equal(await page.title(), '\u2068غرفة (1)\u2069 · Gale');
  assert.equal(await page.locator('#composer').getAttribute('placeholder'), 'Message to \u2068غرفة (1)\u2069');
});
