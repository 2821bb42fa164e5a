/** Where things are on the page: columns, sides, panels and banners. */
import assert from 'node:assert/strict';
import { after, test, type TestContext } from 'node:test';
import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { RoomsClient } from 'gale/client';
import { violations } from '../../test/support/accessibility.ts';
import { serveBuilt } from '../../test/support/built-app.ts';
import { ChatWindow } from '../../test/support/chat-window.ts';
import { launchChromium } from '../../test/support/chromium.ts';
import { RawSocket } from '../../test/support/raw-socket.ts';
import { SocketProxy } from '../../test/support/socket-proxy.ts';

const browser = await launchChromium();
after(() => browser.close());

const phone: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const tablet: BrowserContextOptions = { viewport: { width: 768, height: 900 } };

interface Opened {
  readonly ada: ChatWindow;
  readonly page: Page;
  readonly bob: RoomsClient;
}

/** Opens the lobby for Ada. Bob writes there, and others are only present. */
async function open(
  t: TestContext,
  options: BrowserContextOptions = {},
  others: readonly string[] = [],
): Promise<Opened> {
  const { url, person, broker } = await serveBuilt(t, {
    rooms: { presenceGraceMs: 0, personPublishBurst: 1000, roomPublishBurst: 1000, commandBurst: 1000 },
  });
  for (const name of others) {
    const lease = { room: 'lobby', person: { id: `id of ${name}`, name }, connection: `tab of ${name}` };
    await broker.presence.enter(lease, 600_000);
  }
  const bob = (await person('Bob')).connect();
  const ada = await ChatWindow.open(t, browser, url, options);
  await ada.register('Ada');
  if (options.isMobile) await ada.page.getByRole('link', { name: 'Lobby' }).click();
  await ada.composer.waitFor();
  return { ada, page: ada.page, bob };
}

/** An empty page of a browser in which Ada is signed in. */
async function openBlank(t: TestContext): Promise<{ url: string; page: Page }> {
  const { url, person } = await serveBuilt(t);
  const ada = await person('Ada');
  const context = await browser.newContext();
  t.after(() => context.close());
  await context.addCookies([...ada.cookies].map(([name, value]) => ({ name, value, url })));
  const page = await context.newPage();
  return { url, page };
}

const box = async (element: Locator): Promise<{ left: number; right: number; top: number; bottom: number }> => {
  const { x, y, width, height } = (await element.boundingBox())!;
  return { left: x, right: x + width, top: y, bottom: y + height };
};
const say = (bob: RoomsClient, text: string): Promise<unknown> => bob.publish('lobby', { text }).published;

test('in a wide window all messages are on one side of a column of 760 px; stored ones have no mark', async (t) => {
  const { ada, bob } = await open(t, { viewport: { width: 1920, height: 900 } });
  await say(bob, 'long words '.repeat(60));
  await ada.log.getByText('long words').waitFor();
  await ada.sayAndSee('long words '.repeat(60));
  const other = await box(ada.log.locator('.message--other .bubble'));
  const own = await box(ada.log.locator('.message--own .bubble'));
  assert.equal(own.left, other.left);
  const rows = await box(ada.log.locator('.message--own'));
  assert.ok(rows.right - rows.left <= 760, `${rows.right - rows.left} px`);
  assert.equal(await ada.log.locator('.message-status').count(), 0);
  const colours = await ada.log
    .locator('.bubble')
    .evaluateAll((bubbles) => bubbles.map((bubble) => getComputedStyle(bubble).backgroundColor));
  assert.notEqual(colours[0], colours[1]);
});

test('on a phone own messages are on the right, those of others on the left', async (t) => {
  const { ada, bob } = await open(t, phone);
  await say(bob, 'hello');
  await ada.log.getByText('hello').waitFor();
  await ada.composer.fill('hi');
  await ada.page.getByRole('button', { name: 'Send' }).tap();
  await ada.log.locator('.message--sent').waitFor();
  assert.ok((await box(ada.log.locator('.message--other .bubble'))).left < 80);
  assert.ok((await box(ada.log.locator('.message--own .bubble'))).right > 330);
});

for (const options of [phone, tablet, {}]) {
  test(`lines of Chinese fill their bubble at ${options.viewport?.width ?? 1280} px`, async (t) => {
    const { ada, bob } = await open(t, options);
    await say(bob, '中'.repeat(200));
    const text = ada.log.locator('.message-text');
    await text.waitFor();
    const bubble = await box(ada.log.locator('.bubble'));
    const line = await text.evaluate((element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      const { left, right } = range.getClientRects()[0]!;
      return { left, right };
    });
    const [before, behind] = [line.left - bubble.left, bubble.right - line.right];
    assert.ok(Math.abs(before - behind) <= 1, `${before} px before the text, ${behind} px after it`);
  });
}

test('the panel of people leaves the composer free at 768 px, and finds people by a part of their name', async (t) => {
  const others = Array.from({ length: 20 }, (_, index) => `Guest ${index}`);
  const { ada, page } = await open(t, tablet, [...others, '欧阳娜娜', 'Zoë']);
  await page.getByRole('button', { name: '23 here' }).click();
  const panel = page.getByRole('complementary', { name: 'People here' });
  await panel.waitFor();
  assert.ok((await box(panel)).bottom <= (await box(ada.composer)).top);
  const search = panel.getByRole('searchbox', { name: 'Find people' });
  const names = (): Promise<string[]> => panel.locator('.people-name').allInnerTexts();
  await search.fill('娜');
  assert.deepEqual(await names(), ['欧阳娜娜']);
  await search.fill('zoe');
  assert.deepEqual(await names(), ['Zoë']);
  await search.fill('nobody');
  await panel.getByText('Nobody with this name is here.').waitFor();
  assert.deepEqual(await violations(page), []);
  await panel.getByRole('button', { name: 'Show everyone' }).click();
  // Bob is a member, and not here.
  await panel.locator('.people-name').nth(23).waitFor();
  assert.equal((await names()).length, 24);
  assert.equal(await search.inputValue(), '');
});

test('the banner covers nothing, and the messages do not move when it appears and disappears', async (t) => {
  const { ada, page, bob } = await open(t);
  const proxy = await SocketProxy.open(page);
  await page.reload();
  for (let number = 1; number <= 60; number++) await say(bob, `message ${number}`);
  await ada.log.getByText('message 60').waitFor();
  await ada.log.evaluate((log) => (log.scrollTop = log.scrollHeight / 2));
  await page.getByRole('button', { name: /^Jump to newest/ }).waitFor();
  const middle = ada.log.getByText('message 33', { exact: true });
  const before = await box(middle);
  proxy.cut();
  const banner = page.locator('.banner');
  await banner.waitFor();
  assert.ok((await box(banner)).bottom <= (await box(page.getByRole('heading', { name: 'Lobby', level: 1 }))).top);
  assert.ok(Math.abs((await box(middle)).top - before.top) <= 1, 'with the banner');
  await proxy.restore();
  await banner.waitFor({ state: 'detached' });
  // The messages are moved back before the browser draws.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  assert.ok(Math.abs((await box(middle)).top - before.top) <= 1, 'after the banner');
});

test('refused messages in a row say their reason once, and each can be discarded', async (t) => {
  const { ada, page } = await open(t);
  await page.routeWebSocket(/\/socket/, (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((frame) => server.send(String(frame).replace(/"text":"refuse [^"]*"/, '"text":""')));
  });
  await page.reload();
  await ada.sayAndSee('before');
  for (const word of ['one', 'two', 'three']) await ada.say(`refuse ${word}`);
  const failed = ada.log.locator('.message--failed');
  await failed.nth(2).waitFor();
  const reason = ada.log.getByText('Not sent. There is nothing to read in it.');
  assert.equal(await reason.count(), 1);
  assert.equal(await ada.log.getByRole('button', { name: 'Try again' }).count(), 3);
  await failed.last().getByRole('button', { name: 'Discard' }).click();
  await failed.nth(2).waitFor({ state: 'detached' });
  assert.equal(await reason.count(), 1);
});

test('the list on a phone shows the newest message of each room without marks, and its time', async (t) => {
  const { ada, page, bob } = await open(t, { ...phone, timezoneId: 'Asia/Shanghai' });
  await page.goBack();
  const lobby = page.locator('.room-link', { hasText: 'Lobby' });
  await lobby.getByText('No messages yet').waitFor();
  await say(bob, '**hello** `you`\n> and them');
  await lobby.getByText('Bob: hello you and them').waitFor();
  assert.match(await lobby.locator('time').innerText(), /^\d\d:\d\d$/);
  assert.equal(await lobby.locator('.badge').innerText(), '1\n1 unread message');
  assert.deepEqual(await violations(page), []);
  await lobby.tap();
  await ada.seeTexts(['hello you\n\nand them']);
});

test('the list on a phone names the author of a message, unless the name of the conversation does', async (t) => {
  const { url } = await serveBuilt(t);
  const bob = await ChatWindow.open(t, browser, url);
  await bob.register('Bob');
  const ada = await ChatWindow.open(t, browser, url, phone);
  await ada.register('Ada');
  await bob.page.getByRole('button', { name: 'New direct message' }).click();
  await bob.page.getByRole('option', { name: 'Ada' }).click();
  await bob.page.getByRole('button', { name: 'Open conversation' }).click();
  await bob.page.getByRole('heading', { name: 'Ada', level: 1 }).waitFor();
  await bob.sayAndSee('are you there?');
  const line = ada.page.locator('.room-link', { hasText: 'Bob' }).locator('.room-link-line');
  await line.getByText('are you there?', { exact: true }).waitFor();
  await ada.page.locator('.room-link', { hasText: 'Bob' }).tap();
  await ada.composer.fill('yes');
  await ada.page.getByRole('button', { name: 'Send' }).tap();
  await ada.log.locator('.message--sent', { hasText: 'yes' }).waitFor();
  await ada.page.goBack();
  await line.getByText('You: yes', { exact: true }).waitFor();
});

test('places where nothing can be done yet offer the next step', async (t) => {
  const { ada, page } = await open(t);
  await ada.log.focus();
  await page.getByRole('button', { name: 'Write the first message' }).click();
  assert.ok(await ada.composer.evaluate((field) => field === document.activeElement));
  await page.getByRole('button', { name: 'New room' }).click();
  await page.getByLabel('Name of the room').fill('Tea');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add people' }).click();
  await page.getByRole('dialog', { name: 'Add people to Tea' }).waitFor();
  await page.keyboard.press('Escape');
  await page.goto(`${new URL(page.url()).origin}/#/rooms/nothing`);
  await page.getByRole('heading', { name: 'There is no such room' }).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Back to the rooms' }).waitFor();
});

test('a room without messages does not move when its steps arrive', async (t) => {
  const { url, page } = await openBlank(t);
  const { promise: isWaited, resolve: deliver } = Promise.withResolvers<void>();
  await page.route('**/late-parts-*.js', async (route) => {
    await isWaited;
    await route.continue();
  });
  await page.goto(url);
  const title = page.getByRole('heading', { name: 'It is quiet here' });
  await title.waitFor();
  const before = await box(title);
  deliver();
  await page.getByRole('button', { name: 'Write the first message' }).waitFor();
  assert.deepEqual(await box(title), before);
});

test('a room without messages keeps its steps when people come in, and shows who they are', async (t) => {
  const { url } = await serveBuilt(t, { rooms: { presenceGraceMs: 0 } });
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const { page } = ada;
  await page.getByRole('button', { name: 'Write the first message' }).waitFor();
  const cy = await ChatWindow.open(t, browser, url);
  await cy.register('Cy');
  const notice = ada.log.getByText('Cy came in');
  await notice.waitFor();
  const steps = await box(page.getByRole('button', { name: 'Write the first message' }));
  assert.ok(steps.bottom < (await box(notice)).top);
});

test('a list in a dialog that is empty says so where its first row would be', async (t) => {
  const { page } = await open(t);
  await page.getByRole('button', { name: 'Browse rooms' }).click();
  const field = page.getByRole('dialog').getByRole('searchbox');
  const note = page.getByRole('dialog').locator('.switcher-note');
  await page.getByText('There is no public room yet.').waitFor();
  // That of the box has errors of rounding while the dialog moves into its place.
  const heightOf = (): Promise<number> =>
    page.getByRole('dialog').evaluate((dialog: HTMLElement) => dialog.offsetHeight);
  assert.ok((await box(note)).top - (await box(field)).bottom < 40);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'New direct message' }).click();
  await page.getByRole('option').first().waitFor();
  const before = await heightOf();
  await page.getByRole('dialog').getByRole('combobox').fill('zzz');
  await page.getByText('Nothing found').waitFor();
  assert.ok((await box(note)).top - (await box(page.getByRole('dialog').getByRole('combobox'))).bottom < 40);
  assert.equal(await heightOf(), before);
});

test('a new room is the first one below the lobby, as if it had a new message', async (t) => {
  const { page } = await open(t);
  for (const name of ['Apples', 'Zebras', 'Melons']) {
    await page.getByRole('button', { name: 'New room' }).click();
    await page.getByLabel('Name of the room').fill(name);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name, level: 1 }).waitFor();
  }
  const names = page.locator('.rooms-list').first().locator('.room-link-name');
  assert.deepEqual(await names.allInnerTexts(), ['Lobby', 'Melons', 'Zebras', 'Apples']);
  await page.reload();
  await names.nth(3).waitFor();
  assert.deepEqual(await names.allInnerTexts(), ['Lobby', 'Melons', 'Zebras', 'Apples']);
});

test('the quick switcher counts mentions as the list of rooms does', async (t) => {
  const { ada, page, bob } = await open(t);
  await ada.page.getByRole('button', { name: 'New room' }).click();
  await page.getByLabel('Name of the room').fill('Tea');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Tea', level: 1 }).waitFor();
  await say(bob, '<@all> hello');
  await page.locator('.rooms .badge--mention', { hasText: '@1' }).waitFor();
  await page.keyboard.press('Control+k');
  await page.getByRole('option', { name: 'Lobby' }).waitFor();
  assert.deepEqual(
    await page.locator('.switcher .badge').allTextContents(),
    await page.locator('.rooms .badge').allTextContents(),
  );
});

test('a menu that ends with a group has no line below it', async (t) => {
  const { url } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  await ada.page.getByRole('button', { name: 'More about this room' }).click();
  const group = ada.page.getByRole('group', { name: 'Mute' });
  await group.waitFor();
  assert.equal(await group.evaluate((element) => getComputedStyle(element).borderBlockEndWidth), '0px');
});

test('the ring of the focus on the line of an archived room is all on the page', async (t) => {
  const { url, person } = await serveBuilt(t);
  const ada = await ChatWindow.open(t, browser, url);
  await ada.register('Ada');
  const other = await RawSocket.open(await person('Bob'));
  const { room } = await other.do('make-room', { name: 'Plans', kind: 'public' });
  const { id } = room as { readonly id: string };
  await ada.joinRoom('Plans');
  await ada.composer.pressSequentially('half a thought');
  await other.do('archive-room', { room: id, archived: true });
  const line = ada.page.locator('.room-archived:focus-visible');
  await line.waitFor();
  const { outlineOffset, outlineWidth } = await line.evaluate((element) => {
    const style = getComputedStyle(element);
    return { outlineOffset: style.outlineOffset, outlineWidth: style.outlineWidth };
  });
  assert.equal(parseFloat(outlineOffset), -parseFloat(outlineWidth));
});

test('a filter that finds nothing shows neither empty lists nor their titles, but the way to other rooms', async (t) => {
  const { page } = await open(t);
  await page.getByRole('searchbox', { name: 'Filter rooms' }).fill('zzz');
  await page.getByText('Nothing found').waitFor();
  assert.deepEqual(await page.locator('.rooms h2').allInnerTexts(), ['Your rooms']);
  await page.getByRole('button', { name: 'Browse rooms' }).waitFor();
  await page.getByRole('searchbox', { name: 'Filter rooms' }).fill('lob');
  await page.getByText('Nothing found').waitFor({ state: 'detached' });
  assert.deepEqual(await page.locator('.rooms h2').allInnerTexts(), ['Your rooms']);
});

test('the card of a person says whether they are here, and who is the owner', async (t) => {
  const { page } = await open(t, {}, ['Cy']);
  await page.locator('.people-row', { hasText: 'Cy' }).click();
  await page.getByRole('dialog', { name: 'Cy' }).getByText('Here now').waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.people-list--away .people-row', { hasText: 'Bob' }).click();
  await page.getByRole('dialog', { name: 'Bob' }).getByText('Not here').waitFor();
  assert.deepEqual(await violations(page), []);
});

test('in the settings what is wrong and the hint are below the input, as in the forms of accounts', async (t) => {
  const { page } = await open(t);
  await page.goto(`${new URL(page.url()).origin}/settings`);
  await page.getByLabel('Name', { exact: true }).fill('');
  await page.getByRole('button', { name: 'Save' }).first().click();
  const field = page.locator('.field--invalid');
  const [input, error, hint] = [
    await box(field.locator('input')),
    await box(field.locator('.field-error')),
    await box(field.locator('.field-hint')),
  ];
  assert.ok(input.bottom <= error.top && error.bottom <= hint.top);
  assert.deepEqual(await violations(page), []);
});

test('Chinese sentences of the pages break after a comma or a full stop on a phone', async (t) => {
  const { url } = await serveBuilt(t);
  const context = await browser.newContext({ ...phone, locale: 'zh-CN' });
  t.after(() => context.close());
  const page = await context.newPage();
  await page.goto(`${url}/there-is-nothing`);
  const ends = await page.locator('.tagline').evaluate(({ firstChild }) => {
    const text = firstChild!.textContent!;
    const range = document.createRange();
    const topOf = (at: number): number => {
      range.setStart(firstChild!, at);
      range.setEnd(firstChild!, at + 1);
      return range.getBoundingClientRect().top;
    };
    return [...text].filter((_, at) => at === text.length - 1 || topOf(at + 1) > topOf(at)).join('');
  });
  assert.equal(ends, '，。');
});

test('a long name of a conversation does not make the empty message field higher', async (t) => {
  const { ada, page } = await open(t, phone);
  const before = await box(ada.composer);
  await ada.composer.evaluate(
    (field: HTMLTextAreaElement) => (field.placeholder = 'Message to Ada, Bob and Cy '.repeat(9)),
  );
  assert.deepEqual(await box(ada.composer), before);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
});

for (const [name, options] of [
  ['a phone', phone],
  ['a tablet', tablet],
  ['a wide window', {}],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`a room is accessible on ${name} in the ${colorScheme} theme, with names and colours of twelve people`, async (t) => {
      const people = Array.from({ length: 12 }, (_, index) => `Guest ${index}`);
      const { ada, page, bob } = await open(t, { ...options, colorScheme, reducedMotion: 'reduce' }, people);
      await say(bob, 'hello');
      await ada.log.getByText('hello').waitFor();
      await ada.composer.fill('hi');
      await page.getByRole('button', { name: 'Send' }).click();
      await ada.log.locator('.message--sent').waitFor();
      const panel = page.getByRole('complementary', { name: 'People here' });
      if (await panel.isHidden()) await page.getByRole('button', { name: '13 here' }).click();
      await panel.waitFor();
      assert.deepEqual(await violations(page), []);
    });
  }
}

test('what the page loads before it shows the rooms and the composer is below 60 KB', async (t) => {
  const { url, page } = await openBlank(t);
  await page.addInitScript(() => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('.shell:not([aria-busy]) .room-link') || !document.querySelector('#composer')) return;
      observer.disconnect();
      performance.mark('shown');
    });
    observer.observe(document, { childList: true, subtree: true });
  });
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const urls = new Map<string, string>();
  const bytes = new Map<string, number>();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => urls.set(requestId, request.url));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes.set(urls.get(requestId) ?? '', encodedDataLength);
  });
  await page.goto(url);
  // The parts that are loaded later are there.
  await page.getByRole('button', { name: 'Your menu, Ada' }).click();
  await page.getByRole('link', { name: 'Settings' }).waitFor();
  const first = await page.evaluate(() => {
    const shown = performance.getEntriesByName('shown')[0]?.startTime ?? Infinity;
    const entries = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
    return entries.filter(({ startTime }) => startTime < shown).map(({ name }) => name);
  });
  const sizes = first.map((address) => bytes.get(address) ?? NaN);
  const sum = sizes.reduce((before, size) => before + size, 0);
  t.diagnostic(`${sum} bytes in ${sizes.length} files, headers included`);
  assert.equal(first.filter((address) => address.endsWith('.js')).length, 2, first.join(' '));
  assert.ok(sum > 20_000 && sum < 60 * 1024, `${sum} bytes`);
});
