import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHandler } from './handler.ts';
import type { Settings } from './settings.ts';
import { serve } from '../../test/support/web/web-server.ts';

class Formal extends RequestHandler {
  get(): void {
    this.write(this.xsrfToken);
  }
  post(): void {
    this.write('posted');
  }
}

class Exempt extends Formal {
  override checkXsrfCookie(): void {}
}

const settings: Settings = {
  xsrfCookies: true,
  allowedOrigins: ['https://partner.example'],
  server: { trustedProxies: ['loopback'] },
};

/** A site at https://app.example after a proxy, and at http://127.0.0.1:PORT without it. */
const proxied = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'app.example' };

/** What a browser sends, whether the token decides about it, and whether it came through the proxy. */
const cases: readonly (readonly [headers: Record<string, string>, isFromHere: boolean, what: string])[] = [
  [{}, true, 'neither header, as from a program'],
  [{ 'Sec-Fetch-Site': 'same-origin' }, true, 'same-origin'],
  [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'https://app.example' }, true, 'same-origin with its origin'],
  [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'null' }, true, 'a page of this site with Referrer-Policy: no-referrer'],
  [{ 'Sec-Fetch-Site': 'same-origin', Origin: 'http://app.example' }, true, 'a proxy for TLS that is not trusted'],
  [{ 'Sec-Fetch-Site': 'none' }, true, 'an address that a person typed'],
  [{ 'Sec-Fetch-Site': 'same-site' }, false, 'same-site without an origin'],
  [{ 'Sec-Fetch-Site': 'cross-site' }, false, 'cross-site without an origin'],
  [{ 'Sec-Fetch-Site': 'same-site', Origin: 'https://evil.app.example' }, false, 'another host of this site'],
  [{ 'Sec-Fetch-Site': 'same-site', Origin: 'https://app.example' }, false, 'same-site that claims this origin'],
  [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }, false, 'another site'],
  [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'null' }, false, 'a frame in a sandbox'],
  [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'https://partner.example' }, true, 'an allowed origin'],
  [
    { 'Sec-Fetch-Site': 'same-site', Origin: 'HTTPS://Partner.Example:443' },
    true,
    'an allowed origin, in other letters',
  ],
  [{ 'Sec-Fetch-Site': 'cross-site', Origin: 'http://partner.example' }, false, 'http of an allowed origin'],
  [{ 'Sec-Fetch-Site': 'future' }, true, 'an unknown value, which is ignored'],
  [{ 'Sec-Fetch-Site': 'future', Origin: 'https://evil.example' }, false, 'an unknown value and another origin'],
  [{ Origin: 'https://app.example' }, true, 'this origin from an older browser'],
  [{ Origin: 'https://app.example:443' }, true, 'this origin with its port'],
  [{ Origin: 'http://app.example' }, false, 'http of this host'],
  [{ Origin: 'https://app.example:8443' }, false, 'another port of this host'],
  [{ Origin: 'https://app.example.evil.example' }, false, 'a host that begins as this one'],
  [{ Origin: 'https://evil.example' }, false, 'another origin from an older browser'],
  [{ Origin: 'https://partner.example' }, true, 'an allowed origin from an older browser'],
  [{ Origin: 'null' }, false, 'no origin'],
  [{ Origin: '' }, false, 'an empty origin'],
  [{ Origin: 'https://app.example, https://app.example' }, false, 'two origins'],
  [{ Origin: 'chrome-extension://abc' }, false, 'an extension'],
];

test('the token decides about requests of this site, and those of other sites are refused before', async (t) => {
  const served = await serve(t, [['/', Formal]], settings);
  const page = await served.get('/', { headers: proxied });
  const token = await page.text();
  const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  for (const [headers, isFromHere, what] of cases) {
    const post = async (more: Record<string, string>): Promise<number> =>
      (await served.get('/', { method: 'POST', headers: { ...proxied, Cookie: cookie, ...headers, ...more } })).status;
    const before = served.lines.length;
    assert.equal(await post({ 'X-Xsrftoken': token }), isFromHere ? 200 : 403, what);
    assert.equal(await post({}), 403, `${what}, without a token`);
    const messages = served.lines
      .slice(before)
      .filter(({ level, message }) => level === 'debug' && message === 'Handler responded with an error')
      .map(({ fields }) => fields['reason']);
    const missing = "'_xsrf' argument missing from POST";
    if (isFromHere) assert.deepEqual(messages, [missing], what);
    else assert.ok(messages.length === 2 && !messages.includes(missing), `${what}: ${messages.join('; ')}`);
  }
  await served.expectLine(/argument missing/);
  await served.expectLine(/^debug: Handler responded with an error \(A page /);
  assert.equal(served.lines.filter(({ level }) => level === 'warn').length, 2, 'one warning for each kind');
  await served.expectLine(/^warn: Requests are refused because of the page that sent them/);
});

test('compares the origin with the address of a request without a proxy', async (t) => {
  const served = await serve(t, [['/', Formal]], settings);
  const page = await served.get('/');
  const headers = { Cookie: page.headers.getSetCookie()[0]?.split(';')[0] ?? '', 'X-Xsrftoken': await page.text() };
  const post = async (origin: string): Promise<number> =>
    (await served.get('/', { method: 'POST', headers: { ...headers, Origin: origin } })).status;
  assert.equal(await post(`http://127.0.0.1:${served.port}`), 200);
  assert.equal(await post(`http://localhost:${served.port}`), 403);
  assert.equal(await post(`https://127.0.0.1:${served.port}`), 403);
  await served.expectLine(/^warn: Requests are refused because of the page that sent them/);
  await served.expectLine(
    /^debug: Handler responded with an error \(A page of https:\/\/127\.0\.0\.1:\d+ sent a POST to http:.*; .* set trustedProxies/,
  );
  await served.expectLine(
    /^debug: Handler responded with an error \(A page of http:\/\/localhost:\d+ sent a POST to http:.*; .* need the setting allowedOrigins/,
  );
});

test('a refusal only by Sec-Fetch-Site does not name one origin twice', async (t) => {
  const served = await serve(t, [['/', Formal]], settings);
  const headers = { ...proxied, 'Sec-Fetch-Site': 'same-site', Origin: 'https://app.example' };
  assert.equal((await served.get('/', { method: 'POST', headers })).status, 403);
  await served.expectLine(
    /\(A page of https:\/\/app\.example sent a POST to another origin \(Sec-Fetch-Site: same-site\), .* a proxy changes the Host/,
  );
});

test('a handler without the check accepts every site, and a GET is not checked', async (t) => {
  const served = await serve(
    t,
    [
      ['/', Formal],
      ['/exempt', Exempt],
    ],
    settings,
  );
  const headers = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
  assert.equal((await served.get('/exempt', { method: 'POST', headers })).status, 200);
  assert.equal((await served.get('/', { headers })).status, 200);
  for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
    assert.equal((await served.get('/', { method, headers })).status, 403, method);
  }
  await served.expectLine(/^warn: Requests are refused because of the page that sent them/);
  await served.expectLine(/^debug: Handler responded with an error \(A page of https:\/\/evil\.example sent a DELETE/);
  await served.expectLine(
    /^debug: Handler responded with an error \(A page of https:\/\/evil\.example sent a (?:PUT|PATCH|POST)/,
  );
});

test('the log shows no Origin that cannot be read or is too long', async (t) => {
  const served = await serve(t, [['/', Formal]], settings);
  const long = `https://${`${'x'.repeat(60)}.`.repeat(5)}example`;
  for (const origin of ['"<b>', 'https://ada:secret@site.example', 'moz-extension://1', '', long]) {
    assert.equal((await served.get('/', { method: 'POST', headers: { Origin: origin } })).status, 403);
  }
  await served.expectLine(
    /^debug: Handler responded with an error \(A page with an unreadable Origin sent a POST to http:/,
  );
  await served.expectLine(/^warn: Requests are refused because of the page that sent them/);
  const reasons = served.lines
    .filter(({ level }) => level === 'debug')
    .map(({ fields }) => String(fields['reason']))
    .filter((reason) => reason.startsWith('A page'));
  assert.equal(new Set(reasons).size, 1, reasons.join('\n'));
  assert.equal(reasons.length, 5);
  const host = `https://${`${'x'.repeat(60)}.`.repeat(4)}example`;
  assert.equal((await served.get('/', { method: 'POST', headers: { Origin: host } })).status, 403);
  await served.expectLine(
    /^debug: Handler responded with an error \(A page of https:\/\/x{60}\..*\.example sent a POST/,
  );
});
