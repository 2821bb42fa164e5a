import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveAsProgram } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium();
after(() => browser.close());

test('two people exchange messages; one leaves, misses three messages and finds them below the unread line', async (t) => {
  const server = await serveAsProgram(t, { presenceGraceMs: 200 });
  const ada = await ChatWindow.open(t, browser, server.url);
  const zhang = await ChatWindow.open(t, browser, server.url, { locale: 'zh-CN' });
  await ada.register('Ada');
  await zhang.register('张三');
  await ada.seePeople(2);
  await ada.log.getByText('张三 came in').waitFor();

  await ada.sayAndSee('Hello 张三 👋');
  await zhang.seeTexts(['Hello 张三 👋']);
  await zhang.sayAndSee('你好，Ada！今天下午开会吗？👩‍👩‍👧‍👦');
  const talk = ['Hello 张三 👋', '你好，Ada！今天下午开会吗？👩‍👩‍👧‍👦'];
  await ada.seeTexts(talk);
  assert.equal(await ada.log.locator('.message--own').count(), 1);
  assert.equal(await ada.log.locator('.message--other').count(), 1);
  assert.equal(await zhang.unreadTexts().then((texts) => texts.length), 0);

  await zhang.close();
  await ada.log.getByText('张三 left').waitFor();
  await ada.seePeople(1);
  const missed = ['one <b>you</b> missed', '第二条：会议改到三点 🕒', 'three\nwith a second line'];
  await ada.sayAndSee(missed[0] ?? '');
  await ada.sayAndSee(missed[1] ?? '');
  await ada.composer.fill('three');
  await ada.composer.press('Shift+Enter');
  await ada.composer.pressSequentially('with a second line');
  await ada.composer.press('Enter');
  await ada.seeTexts([...talk, ...missed]);

  const elsewhere = await ChatWindow.open(t, browser, server.url, { locale: 'zh-CN' });
  await elsewhere.logIn('张三');
  await elsewhere.seeTexts([...talk, ...missed]);
  await elsewhere.seeUnread(missed);
  await elsewhere.log.getByText('以下为未读消息').waitFor();
  assert.equal(await elsewhere.log.locator('.dropped-line').count(), 0);
  // The page shows messages before it is connected, and reports then what was read.
  await ada.seePeople(2);

  // The messages are read now: another window shows none as unread.
  await elsewhere.close();
  const later = await ChatWindow.open(t, browser, server.url);
  await later.logIn('张三');
  await later.seeTexts([...talk, ...missed]);
  assert.deepEqual(await later.unreadTexts(), []);
});

test('messages over the rate limit are all sent, in order and without an error', async (t) => {
  const server = await serveAsProgram(t, { personPublishBurst: 3, personPublishesPerSecond: 3 });
  const ada = await ChatWindow.open(t, browser, server.url);
  const bob = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await bob.register('Bob');
  const lines = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const refused: string[] = [];
  await ada.page.exposeFunction('onRefused', (text: string) => void refused.push(text));
  await ada.page.evaluate(() => {
    const { onRefused } = window as unknown as { onRefused(text: string): void };
    new MutationObserver(() => {
      for (const failed of document.querySelectorAll('.message--failed, [role=alert]')) onRefused(failed.textContent);
    }).observe(document.body, { childList: true, subtree: true, attributes: true });
  });
  for (const line of lines) await ada.say(line);
  await ada.seeTexts(lines);
  await bob.seeTexts(lines);
  await ada.log.locator('.message--pending').first().waitFor({ state: 'detached' });
  assert.equal(await ada.log.locator('.message--sent').count(), lines.length);
  assert.deepEqual(refused, []);
});

test('escapes text, links URLs, and explains why a message cannot be sent', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada <script>alert(1)</script>'.slice(0, 32));
  await ada.sayAndSee('<img src=x onerror=alert(1)> & "quotes"');
  await ada.sayAndSee('看这里：https://example.com/a?b=1&c=中文，好吗？ javascript:alert(1)');
  await ada.seeTexts([
    '<img src=x onerror=alert(1)> & "quotes"',
    '看这里：https://example.com/a?b=1&c=中文，好吗？ javascript:alert(1)',
  ]);
  assert.equal(await ada.log.locator('img, script').count(), 0);
  const links = await ada.log.locator('a').all();
  assert.equal(links.length, 1);
  assert.equal(await links[0]?.getAttribute('rel'), 'noopener noreferrer nofollow ugc');
  assert.match((await links[0]?.getAttribute('href')) ?? '', /^https:\/\/example\.com\/a\?b=1&c=/);

  await ada.composer.fill('x'.repeat(10_001));
  await ada.composer.press('Enter');
  await ada.page.getByText('Too long by 1 character.').waitFor();
  assert.equal((await ada.texts()).length, 2);
  assert.equal((await ada.composer.inputValue()).length, 10_001);
  await ada.composer.fill('好'.repeat(10_000));
  await ada.composer.press('Enter');
  await ada.log.getByRole('button', { name: 'Show whole message' }).click();
  await ada.seeTexts([...(await ada.texts()).slice(0, 2), '好'.repeat(10_000)]);
  await ada.composer.fill('   \n ');
  await ada.composer.press('Enter');
  assert.equal((await ada.texts()).length, 3);
});

test('links have the whole address, lead to the host that they show, and leave the text around them as it was typed', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  const text = [
    '看https://www.例え.jp/?left={%22a%22:1}&family=Open+Sans|Roboto#a|b^c，好。',
    '_https://a.example_ «https://b.example/c»؟ https://zh.wikipedia.org/wiki/你好。',
    'https://good.example@evil.example https://exa\u200bmple.com http://2130706433/ https://a|b.example',
  ].join('\n');
  await ada.say(text);
  // The marks of emphasis around an address are not part of it.
  await ada.seeTexts([text.replace('_https://a.example_', 'https://a.example')]);
  const links = await ada.log
    .locator('a')
    .evaluateAll((all) =>
      all.map((link) => [link.textContent, (link as HTMLAnchorElement).host, link.getAttribute('href')]),
    );
  assert.deepEqual(
    links,
    [
      ['https://www.例え.jp/?left={%22a%22:1}&family=Open+Sans|Roboto#a|b^c', 'www.xn--r8jz45g.jp'],
      ['https://a.example', 'a.example'],
      ['https://b.example/c', 'b.example'],
      ['https://zh.wikipedia.org/wiki/你好', 'zh.wikipedia.org'],
    ].map(([address, host]) => [address, host, address]),
  );
});

test('people create, find, join and leave a room, and see its unread count', async (t) => {
  const server = await serveAsProgram(t);
  const ada = await ChatWindow.open(t, browser, server.url);
  const bob = await ChatWindow.open(t, browser, server.url);
  await ada.register('Ada');
  await bob.register('Bob');
  const makeRoom = async (name: string): Promise<void> => {
    await ada.page.getByRole('button', { name: 'New room' }).click();
    await ada.page.getByLabel('Name of the room').fill(name);
    await ada.page.getByRole('button', { name: 'Create room' }).click();
  };
  await makeRoom('读书会');
  await ada.page.getByRole('heading', { name: '读书会', level: 1 }).waitFor();
  await bob.joinRoom('读书会');
  await bob.page.getByRole('heading', { name: '读书会', level: 1 }).waitFor();
  await ada.seePeople(2);

  await bob.page.getByRole('link', { name: 'Lobby' }).click();
  await bob.page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  await ada.sayAndSee('first');
  await ada.sayAndSee('second');
  await bob.page.getByRole('link', { name: /读书会.*2 unread messages/ }).click();
  await bob.seeTexts(['first', 'second']);
  await bob.seeUnread(['first', 'second']);
  await bob.page.getByRole('link', { name: /^读书会$/ }).waitFor();

  await makeRoom('读书会');
  await ada.page.getByText('There is a room of this name already.').waitFor();
  await ada.page.keyboard.press('Escape');

  await bob.page.getByRole('button', { name: 'More about this room' }).click();
  await bob.page.getByRole('button', { name: 'Leave room' }).click();
  await bob.page.getByRole('heading', { name: 'Lobby', level: 1 }).waitFor();
  assert.equal(await bob.page.getByRole('link', { name: '读书会' }).count(), 0);
  await ada.log.getByText('Bob left').waitFor();
  await ada.seePeople(1);
});

test('a form with an invalid field is shown again with the problem and the typed name, in both languages', async (t) => {
  const server = await serveAsProgram(t);
  const { page } = await ChatWindow.open(t, browser, server.url);
  await page.goto(`${server.url}/register`);
  await page.locator('input[name=name]').fill('Ada');
  await page.locator('input[name=password]').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  const field = page.locator('input[name=password]');
  await page.getByText('This password is too short').waitFor();
  assert.equal(await page.locator('input[name=name]').inputValue(), 'Ada');
  assert.equal(await field.inputValue(), '');
  assert.equal(await field.getAttribute('aria-invalid'), 'true');
  const describedBy = ((await field.getAttribute('aria-describedby')) ?? '').split(' ').map((id) => `#${id}`);
  assert.match(await page.locator(describedBy.join(',')).allInnerTexts().then(String), /too short/);

  await page.getByRole('link', { name: '简体中文' }).click();
  await page
    .getByRole('button', { name: '创建账号' })
    .or(page.getByRole('button', { name: '注册' }))
    .first()
    .waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'zh-CN');
});
