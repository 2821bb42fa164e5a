/** What a screen reader and a person who speaks commands need: landmarks, headings, and labels that contain the visible text. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { serveChat } from '../../test/support/app.ts';
import { manyMessages, serveAsProgram } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';
import { Visitor } from '../../test/support/chat-server.ts';

const browser = await launchChromium();
after(() => browser.close());

const phone = { viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true };

async function open(t: TestContext, options: BrowserContextOptions = {}): Promise<{ url: string; page: Page }> {
  const { url } = await serveAsProgram(t, manyMessages);
  const window = await ChatWindow.open(t, browser, url, options);
  await window.register('Ada Lovelace');
  return { url, page: window.page };
}

/** The page has one main landmark, and in it one first heading. @returns The text of the heading. */
async function title(page: Page): Promise<string> {
  assert.equal(await page.getByRole('main').count(), 1);
  const headings = page.getByRole('main').getByRole('heading', { level: 1 });
  assert.equal(await headings.count(), 1);
  assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1);
  return headings.innerText();
}

/** Labels that do not contain the visible text of their element (WCAG 2.5.3). */
function wrongLabels(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wrong: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>('[aria-label]:is(a, button, textarea, input)')) {
      const shown = element.getAttribute('placeholder') ?? element.innerText;
      const label = element.getAttribute('aria-label') ?? '';
      if (!label.includes(shown.trim())) wrong.push(`${label}: ${shown}`);
    }
    return wrong;
  });
}

test('the list on a phone is the main part of the page and has its title', async (t) => {
  const { page } = await open(t, phone);
  assert.equal(await title(page), 'Gale');
  await page.getByRole('main').getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Lobby' }).tap();
  await page.getByRole('heading', { name: 'Lobby' }).waitFor();
  assert.equal(await title(page), 'Lobby');
  await page.getByRole('link', { name: 'Back to the rooms' }).tap();
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  assert.equal(await title(page), 'Gale');
  // A phone that is turned shows the list and a room.
  await page.setViewportSize({ width: 800, height: 360 });
  await page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  assert.equal(await title(page), 'Lobby');
  assert.equal(await page.getByRole('banner').getByRole('navigation', { name: 'Rooms' }).count(), 1);
});

for (const [name, options] of [
  ['a wide window', {}],
  ['a phone', phone],
] as const) {
  test(`${name} has a title while it loads, and for a room that does not exist`, async (t) => {
    const { url, page } = await open(t, options);
    await page.goto(`${url}/#/rooms/none`);
    await page.getByText('There is no such room').waitFor();
    assert.equal(await title(page), 'There is no such room');
    // The socket never opens, so the page has no rooms yet.
    await page.routeWebSocket(/socket/, () => {});
    await page.reload();
    await page.getByText('Loading…').filter({ visible: true }).first().waitFor();
    assert.equal(await title(page), 'Gale');
  });
}

for (const locale of ['en-GB', 'zh-CN']) {
  test(`labels contain the visible text, in ${locale}`, async (t) => {
    const { url, page } = await open(t, { locale });
    assert.deepEqual(await wrongLabels(page), []);
    const menu = page.locator('.user-menu button').first();
    assert.equal(await menu.innerText(), 'Ada Lovelace');
    assert.match((await menu.getAttribute('aria-label')) ?? '', /Ada Lovelace/);
    // The initials are a picture.
    assert.equal(
      await menu.locator('.avatar').evaluate((avatar) => getComputedStyle(avatar, '::before').content),
      '"AL"',
    );

    const visitor = new Visitor(t, url);
    await visitor.register('Bob');
    const bob = visitor.connect();
    await page.evaluate(() => {
      document.hasFocus = () => false;
      window.dispatchEvent(new Event('blur'));
    });
    await Promise.all(Array.from({ length: 1001 }, (_, i) => bob.publish('lobby', { text: `${i}` }).published));
    await page.waitForFunction(() => document.querySelector('.jump .badge')?.textContent === '999+');
    assert.deepEqual(await wrongLabels(page), []);
    assert.match((await page.locator('.room-link').first().innerText()).replaceAll('\n', ' '), /999\+ .*999\+/);
  });
}

test('the page without script has a title too', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  assert.match(
    await (await ann.get('/')).text(),
    /<noscript><main[^>]*><h1>Gale<\/h1><p>[^<]+<\/p><\/main><\/noscript>/,
  );
});
