/**
 * The chat over http under a host name, as in a local network. Browsers then send no Sec-Fetch-Site, so the Origin of the forms
 * decides.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serveAsProgram } from './support/built-app.ts';
import { ChatWindow } from './support/chat-window.ts';
import { launchChromium } from './support/chromium.ts';

const browser = await launchChromium(['--host-resolver-rules=MAP *.test 127.0.0.1']);
after(() => browser.close());

test('people register, write and log out over http under a host name, and another host of the site cannot log them out', async (t) => {
  const server = await serveAsProgram(t);
  const url = server.url.replace('127.0.0.1', 'chat.test');
  const ada = await ChatWindow.open(t, browser, url);
  const sent: (readonly [path: string, origin: string | undefined, site: string | undefined])[] = [];
  ada.page.on('request', (request) => {
    if (request.method() !== 'POST') return;
    const { pathname } = new URL(request.url());
    void request.allHeaders().then((headers) => sent.push([pathname, headers['origin'], headers['sec-fetch-site']]));
  });
  await ada.registerInPage('Ada');
  await ada.sayAndSee('over http');
  assert.deepEqual(sent, [['/register', url, undefined]]);

  // Another host of the same site: the browser adds the cookies to its form, which even has the token.
  const token = await ada.page.locator('#logout [name=_xsrf]').inputValue();
  const evil = await ada.page.context().newPage();
  const body = `<form method="post" action="${url}/logout"><input name="_xsrf" value="${token}"><button>Win</button></form>`;
  await evil.route('http://evil.chat.test/', (route) => route.fulfill({ contentType: 'text/html', body }));
  await evil.goto('http://evil.chat.test/');
  const [response] = await Promise.all([
    evil.waitForResponse(`${url}/logout`),
    evil.getByRole('button', { name: 'Win' }).click(),
  ]);
  assert.match((await response.request().allHeaders())['cookie'] ?? '', /session=/);
  assert.equal(response.status(), 403);
  await evil.close();
  await ada.sayAndSee('still here');

  await ada.page.getByRole('button', { name: /^Your menu/ }).click();
  await ada.page
    .getByRole('menuitem', { name: 'Log out' })
    .or(ada.page.getByRole('button', { name: 'Log out' }))
    .click();
  await ada.page.waitForURL(`${url}/login`);
  assert.deepEqual(sent.at(-1), ['/logout', url, undefined]);
});
