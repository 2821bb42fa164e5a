/** M22: what people write is shown as text, wherever it is: in messages, quotes, names, rooms, topics and links, on all pages. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { serveBuilt } from './support/built-app.ts';
import { password } from './support/chat-server.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';

const browser = await launchChromium();
after(() => browser.close());

const attacks: readonly string[] = [
  '<script>attack()</script>',
  '<img src=x onerror=attack()>',
  '"><svg onload=attack()>',
  '</title><script>attack()</script>',
  '{{ attack() }} {% raw attack %} ${attack()}',
  '[a](javascript:attack()) javascript:attack() <javascript:attack()>',
  '[b](JaVaScRiPt&#58;attack()) [c](data:text/html,<script>attack()</script>)',
  '[d](vbscript:attack()) [e](//evil.example) [f](\\\\evil.example) [g](https://a@b:c@evil.example)',
  '[https://bank.example](https://evil.example)',
  'https://evil.example/"onmouseover="attack() https://evil.example/<script>attack()</script>',
  '```html onload=attack()\n<script>attack()</script>\n```',
  '`<img src=x onerror=attack()>` > <b>quote</b>',
  '<@"><script>attack()</script>> <@all onload=attack()>',
  'style=position:fixed;top:0 \u202egnp.exe\u202c \u2066x',
];
/** Names are checked, so these are the worst that are accepted. */
const names = ['<script>attack()', '<img src=x onerror=a()>', '"><svg onload=a()>', "'-attack()-'", '{{ attack() }}'];

/** Marks a page on which a text of a person ran, or broke the policy. */
async function watch(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const found: string[] = [];
    Object.assign(window, { found, attack: () => found.push('ran'), a: () => found.push('ran') });
    document.addEventListener('securitypolicyviolation', (event) =>
      found.push(`${event.violatedDirective} ${event.blockedURI}`),
    );
  });
  page.on(
    'dialog',
    (dialog) =>
      void dialog
        .dismiss()
        .then(() => page.evaluate(() => (window as unknown as { found: string[] }).found.push('dialog'))),
  );
}

async function assertHarmless(page: Page, what: string): Promise<void> {
  const seen = await page.evaluate(() => ({
    found: (window as unknown as { found: string[] }).found,
    scripts: [...document.querySelectorAll('script')].filter(({ textContent }) => textContent.includes('attack'))
      .length,
    handlers: [...document.querySelectorAll('*')].filter(({ attributes }) =>
      [...attributes].some(({ name }) => name.startsWith('on')),
    ).length,
    images: document.querySelectorAll('img[src="x"], iframe, object, embed, base, svg[onload]').length,
    links: [...document.querySelectorAll('a[href]')].map((link) => (link as HTMLAnchorElement).href),
    outside: [...document.querySelectorAll('a[href^="http"]')]
      .map((link) => link as HTMLAnchorElement)
      .filter(({ origin }) => origin !== location.origin)
      .map(({ rel, target }) => [rel, target]),
  }));
  assert.deepEqual([seen.found, seen.scripts, seen.handlers, seen.images], [[], 0, 0, 0], what);
  for (const href of seen.links) assert.match(href, /^(?:https?|mailto):/, `${what}: ${href}`);
  for (const [rel = ''] of seen.outside)
    for (const word of ['noopener', 'noreferrer', 'nofollow', 'ugc'])
      assert.ok(rel.includes(word), `${what}: rel="${rel}"`);
}

test('M22: no text of a person runs, in any place of any page', async (t) => {
  const chat = await serveBuilt(t, { rooms: { presenceGraceMs: 0, personPublishBurst: 1000, commandBurst: 1000 } });
  const ada = await ChatWindow.open(t, browser, chat.url);
  await watch(ada.page);
  await ada.page.goto(`${chat.url}/setup`);
  await ada.page.locator('input[name=name]').fill('Ada');
  await ada.page.locator('input[name=password]').fill(password);
  await ada.page.locator('form[method=post] button[type=submit]').first().click();
  await ada.composer.waitFor();
  await assertHarmless(ada.page, 'the lobby');

  const writers = [];
  for (const name of names) writers.push(await RawSocket.open(await chat.person(name)));
  const [eve] = writers;
  assert.ok(eve);
  let seq = 0;
  for (const text of attacks) {
    await eve.do('publish', { room: 'lobby', id: `a${++seq}`, data: { text } });
    await eve.do('publish', { room: 'lobby', id: `r${seq}`, data: { text: `reply ${text}`, reply: 2 * seq - 1 } });
    seq = Math.max(seq, 0);
  }
  await eve.do('edit-message', { room: 'lobby', seq: 2, text: attacks.join('\n') });
  for (const [index, writer] of writers.entries()) {
    const made = (
      await writer.do('make-room', { name: `${names[index]} room`.slice(0, 40), topic: attacks[index] ?? '' })
    )['room'] as Frame;
    await writer.do('publish', { room: made['id'], id: 'x', data: { text: attacks[index] } });
  }
  await ada.log.getByText('reply style=position').first().waitFor();
  await assertHarmless(ada.page, 'messages');
  assert.equal((await ada.log.getByText('<script>attack()</script>').count()) > 0, true, 'the texts are shown');

  for (const message of await ada.log.locator('.message').all())
    await message.hover({ force: true, timeout: 2000 }).catch(() => {});
  await ada.page.keyboard.press('Control+k');
  await ada.page.keyboard.type('attack');
  await ada.page.getByRole('option').first().waitFor();
  await assertHarmless(ada.page, 'the quick switcher');
  // The first one clears the field.
  for (let press = 1; press <= 2; press++) await ada.page.keyboard.press('Escape');
  await ada.composer.click();
  await ada.composer.pressSequentially('@attack');
  await ada.page.getByRole('option').first().waitFor();
  await assertHarmless(ada.page, 'the list of people to mention');
  await ada.page.keyboard.press('Escape');
  await ada.page.getByRole('button', { name: 'Browse rooms' }).click();
  await ada.page.getByRole('dialog').getByText('"><svg onload=a()> room').first().waitFor();
  await assertHarmless(ada.page, 'the directory');
  await ada.page.getByRole('dialog').getByRole('button', { name: 'Join "><svg onload=a()> room' }).click();
  await ada.page.getByRole('heading', { level: 1, name: '"><svg onload=a()> room' }).waitFor();
  await ada.log.locator('.message').first().waitFor();
  await assertHarmless(ada.page, 'a room with such a name and topic');

  // Invite and settings of a person with such a name, and every page of administration.
  for (const path of [
    '/admin/people',
    '/admin/people?q=<script>attack()',
    '/admin/rooms',
    '/admin/audit',
    '/admin/invites',
    '/settings',
    '/login?next=javascript:attack()',
  ]) {
    await ada.page.goto(chat.url + path);
    await assertHarmless(ada.page, path);
  }
});
