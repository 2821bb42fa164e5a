/** The page before its script runs: it has the places, words and colours of the first view of the script, so nothing moves. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { serveChat, type ServedChat } from './support/app.ts';
import { launchChromium } from './support/chromium.ts';
import type { Visitor } from './support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

const distPath = fileURLToPath(new URL('../dist', import.meta.url));

/** Opens a page of a person. `before` runs before the page is loaded. */
async function open(
  chat: ServedChat,
  person: Visitor,
  options: BrowserContextOptions,
  path: string,
  before: (page: Page) => Promise<unknown>,
): Promise<Page> {
  const context = await browser.newContext(options);
  await context.addCookies([...person.cookies].map(([name, value]) => ({ name, value, url: chat.url })));
  const page = await context.newPage();
  await before(page);
  await page.goto(chat.url + path);
  return page;
}

/** The visible texts and pictures, each with its place and colour. */
function shown(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('#app *')) {
      const text = [...element.childNodes].map((node) => (node instanceof Text ? node.data.trim() : '')).join('');
      if ((text === '' && !element.matches('svg, .avatar')) || !element.checkVisibility()) continue;
      if (element.matches('.visually-hidden, .skip-link')) continue;
      const { x, y, width, height } = element.getBoundingClientRect();
      const { color, fontSize, fontWeight } = getComputedStyle(element);
      found.push(
        `${text || element.getAttribute('class')} ${[x, y, width, height].join(' ')} ${color} ${fontSize} ${fontWeight}`,
      );
    }
    return found;
  });
}

for (const [width, locale, colorScheme, hash] of [
  [360, 'en-GB', 'light', ''],
  [360, 'zh-CN', 'dark', ''],
  [360, 'zh-CN', 'light', '#/rooms/lobby'],
  [1280, 'en-GB', 'dark', ''],
  [1280, 'zh-CN', 'light', '#/rooms/lobby'],
] as const) {
  test(`the page looks the same before and after its script, at ${width} px in ${locale}, ${colorScheme}, /${hash}`, async (t) => {
    const chat = await serveChat(t, { distPath });
    const ada = await chat.person('Ada Lovelace');
    const isMobile = width < 760;
    const viewport = { width, height: 640 };
    const options = { viewport, locale, colorScheme, isMobile, hasTouch: isMobile } as const;
    const before = await open(chat, ada, options, `/${hash}`, (page) =>
      page.route(/main-.*\.js/, (route) => route.abort()),
    );
    await before.locator('.shell[aria-busy]').waitFor();
    // The socket never opens, so the page has no rooms yet.
    const later = await open(chat, ada, options, `/${hash}`, (page) => page.routeWebSocket(/socket/, () => {}));
    await later.locator('.shell:not([aria-busy])').waitFor();
    const [one, other] = [await shown(before), await shown(later)];
    assert.ok(one.length >= (isMobile && hash ? 1 : 4), `${one}`);
    assert.deepEqual(one, other);
    assert.ok((await before.screenshot()).equals(await later.screenshot()), 'the pictures are equal');
  });
}

test('a browser without scripts shows the words about that, and no empty rooms', async (t) => {
  const chat = await serveChat(t, { distPath });
  const ada = await chat.person('Ada');
  const page = await open(chat, ada, { javaScriptEnabled: false }, '/', () => Promise.resolve());
  // Waiting would need a script.
  assert.ok(await page.locator('.no-script').isVisible());
  assert.ok(await page.locator('.shell').isHidden());
});
