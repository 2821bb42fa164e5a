/**
 * The Content-Security-Policy in a real browser: the page can open a socket to its own server only.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat } from './support/app.ts';
import { launchChromium } from './support/chromium.ts';

test('the policy of the pages allows a socket to the own server only', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  const browser = await launchChromium();
  t.after(() => browser.close());
  const context = await browser.newContext();
  await context.addCookies([...ann.cookies].map(([name, value]) => ({ name, value, url: chat.url })));
  const page = await context.newPage();
  const violations: string[] = [];
  page.on('console', (message) => violations.push(message.text()));
  await page.goto(`${chat.url}/`);
  assert.equal(await page.title(), 'fixture', 'the script of the page ran');

  const open = (url: string): Promise<string> =>
    page.evaluate(
      (address) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(address);
          socket.addEventListener('message', (event) => resolve(String(event.data)));
          socket.addEventListener('error', () => resolve('refused'));
        }),
      url,
    );
  assert.match(await open(`${chat.url.replace('http', 'ws')}/socket`), /^\{"type":"welcome"/);
  assert.deepEqual(violations, []);
  const other = await serveChat(t);
  assert.equal(await open(`${other.url.replace('http', 'ws')}/socket`), 'refused');
  assert.match(violations.join('\n'), /Content Security Policy/);
});
