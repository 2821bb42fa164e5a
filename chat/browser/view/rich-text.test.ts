/** Messages with marks, code and many lines, in a real browser. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { violations } from '../../test/support/accessibility.ts';
import { serveBuilt } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';
import { until } from '../../test/support/until.ts';

const browser = await launchChromium();
after(() => browser.close());

const code = '```ts\nconst one = 1; // <b>first</b>\n\tawait fetch(`x`);\n```';

async function open(t: TestContext, options: BrowserContextOptions = {}): Promise<{ ada: ChatWindow; page: Page }> {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url, options);
  await ada.register('Ada');
  return { ada, page: ada.page };
}

/** Sends a message and waits until it is stored. */
async function send(window: ChatWindow, text: string): Promise<void> {
  const sent = window.log.locator('.message--sent');
  const count = await sent.count();
  await window.say(text);
  await sent.nth(count).waitFor();
}

/** Copies the selection of the page. @returns The text of the clipboard. */
async function copy(page: Page): Promise<string> {
  await page.keyboard.press('Control+C');
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Selects from the start of one message to the end of another. */
async function select(page: Page, from: number, to: number): Promise<void> {
  await page.evaluate(
    ([first, last]) => {
      const contents = document.querySelectorAll('.message-content');
      getSelection()!.setBaseAndExtent(contents[first]!, 0, contents[last]!, contents[last]!.childNodes.length);
    },
    [from, to] as const,
  );
}

test('marks become elements, and everything in them is text', async (t) => {
  const { ada } = await open(t);
  await send(ada, '**注意：**请看 *this* ~~gone~~ `<img src=x onerror=alert(1)>` https://a.example/_b_');
  await send(ada, '> quoted **<script>alert(1)</script>**\n\n1. one\n2. two\n   - inside');
  const content = ada.log.locator('.message-content');
  assert.equal(await content.locator('strong').first().innerText(), '注意：');
  assert.equal(await content.locator('em').innerText(), 'this');
  assert.equal(await content.locator('s').innerText(), 'gone');
  assert.equal(await content.locator('code').innerText(), '<img src=x onerror=alert(1)>');
  assert.equal(await content.getByRole('link').innerText(), 'https://a.example/_b_');
  assert.equal(await content.locator('blockquote strong').innerText(), '<script>alert(1)</script>');
  assert.equal(await content.getByRole('list').count(), 2);
  assert.equal(await ada.log.locator('img, script').count(), 0);
});

test('the highlighter is loaded with the first code block in a language, and colours what was sent', async (t) => {
  const { ada, page } = await open(t);
  const loaded: string[] = [];
  page.on('request', (request) => loaded.push(request.url()));
  await send(ada, '`no block`\n```\nno language\n```');
  assert.deepEqual(
    loaded.filter((url) => url.includes('highlighter')),
    [],
  );
  await send(ada, code);
  await ada.log.locator('.code-keyword', { hasText: 'const' }).waitFor();
  assert.equal(await ada.log.locator('.code-comment').innerText(), '// <b>first</b>');
  assert.equal(
    await ada.log.locator('pre').last().textContent(),
    'const one = 1; // <b>first</b>\n\tawait fetch(`x`);',
  );
  assert.equal(loaded.filter((url) => url.includes('highlighter')).length, 1);
});

test('code without its highlighter is shown without colours', async (t) => {
  const { ada, page } = await open(t);
  await page.route(/highlighter/, (route) => route.abort());
  await send(ada, code);
  assert.match(await ada.log.locator('pre').innerText(), /^const one = 1;/);
});

for (const isSecure of [true, false]) {
  test(`the button of a code block copies the code${isSecure ? '' : ', also where pages have no clipboard'}`, async (t) => {
    const { ada, page } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
    if (!isSecure) {
      await page.evaluate(() => {
        navigator.clipboard.writeText = () => Promise.reject(new Error('not allowed'));
      });
    }
    await send(ada, code);
    await ada.log.getByRole('button', { name: 'Copy' }).click();
    await ada.log.getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(
      await page.evaluate(() => navigator.clipboard.readText()),
      'const one = 1; // <b>first</b>\n\tawait fetch(`x`);',
    );
  });
}

test('a copied message is the text that was typed; a part of it is copied as it is shown', async (t) => {
  const { ada, page } = await open(t, { permissions: ['clipboard-read', 'clipboard-write'] });
  // Shown by the late parts, which copy the text that was typed.
  await page.getByRole('button', { name: 'Write the first message' }).waitFor();
  const text = '**bold** and `code`\n\n- entry';
  await send(ada, text);
  await select(page, 0, 0);
  assert.equal(await copy(page), text);
  await ada.log.locator('strong').dblclick();
  assert.equal((await copy(page)).trim(), 'bold');
  await send(ada, 'second *one*');
  await select(page, 0, 1);
  const copied = await copy(page);
  assert.match(copied, /^Ada \d\d:\d\d\n\*\*bold\*\* and `code`\n\n- entry\n\nAda \d\d:\d\d\nsecond \*one\*$/);
});

test('a long message is folded; opening it keeps its beginning in place, and shows everything', async (t) => {
  // Without the movement of new messages, which changes their place for a moment.
  const { ada, page } = await open(t, { reducedMotion: 'reduce' });
  const lines = Array.from({ length: 60 }, (_, index) => `line ${index + 1}`);
  for (const start of [0, 20, 40]) await send(ada, lines.slice(start, start + 20).join('\n'));
  await send(ada, lines.join('\n'));
  const content = ada.log.locator('.message-content').last();
  assert.equal(await content.innerText(), lines.slice(0, 15).join('\n'));
  const isAtEnd = (): Promise<boolean> =>
    ada.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight <= 1);
  await until(isAtEnd);
  const before = await content.boundingBox();
  const button = ada.log.getByRole('button', { name: 'Show whole message' });
  assert.equal(await button.getAttribute('aria-expanded'), 'false');
  await button.click();
  await page.getByRole('button', { name: 'Jump to newest' }).waitFor();
  assert.equal(await content.innerText(), lines.join('\n'));
  assert.ok(Math.abs((await content.boundingBox())!.y - before!.y) <= 1, 'the beginning stays');
  await ada.log.getByRole('button', { name: 'Show less' }).click();
  await button.waitFor();
  assert.equal(await content.innerText(), lines.slice(0, 15).join('\n'));
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`code, quotes, lists and folded messages are accessible in the ${colorScheme} theme`, async (t) => {
    const { ada, page } = await open(t, { colorScheme, reducedMotion: 'reduce' });
    await send(ada, `${code}\n\`\`\`html\n<a href="x" class='y'>text</a>\n\`\`\``);
    await send(ada, '**bold** *italic* ~~gone~~ `code` https://a.example\n> quote\n- list');
    await send(ada, Array.from({ length: 30 }, () => 'long').join('\n'));
    await ada.log.locator('.code-keyword').first().waitFor();
    assert.deepEqual(await violations(page), []);
  });
}
