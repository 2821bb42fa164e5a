/** Chromium with a server of Gale: it keeps each cookie that `setCookie` accepts, and drops those that `setCookie` refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { formatCookie, type CookieOptions } from '../src/web/cookies/cookies.ts';
import { RequestHandler } from '../src/web/handler.ts';
import { serve } from './support/web/web-server.ts';

const kept: readonly (readonly [name: string, value: string, options?: CookieOptions])[] = [
  ['plain', 'a=b'],
  ['quoted', '"\\;,é'],
  ['large', 'x'.repeat(4096 - 'large'.length)],
  ['__Host-a', '1', { secure: true, sameSite: 'Strict' }],
  ['__Secure-b', '1', { secure: true, path: '/page' }],
  ['none', '1', { secure: true, sameSite: 'None' }],
  ['__Host-h', '1', { secure: true, sameSite: 'None', partitioned: true }],
  ['year9999', '1', { expires: new Date('9999-12-31T23:59:59Z') }],
  ['long', '1', { maxAge: 86_400 * 4000 }],
];

const dropped: readonly (readonly [name: string, value: string, options: CookieOptions, header: string])[] = [
  ['__Host-c', '1', {}, '__Host-c=1; Path=/'],
  ['__host-d', '1', {}, '__host-d=1; Path=/'],
  ['__SECURE-e', '1', {}, '__SECURE-e=1; Path=/'],
  ['__Host-f', '1', { secure: true, domain: 'localhost' }, '__Host-f=1; Domain=localhost; Path=/; Secure'],
  ['__Host-g', '1', { secure: true, path: '/page' }, '__Host-g=1; Path=/page; Secure'],
  ['insecure', '1', { sameSite: 'None' }, 'insecure=1; Path=/; SameSite=None'],
  ['parted', '1', { partitioned: true }, 'parted=1; Partitioned; Path=/'],
  ['scheme', '1', { domain: 'http://localhost' }, 'scheme=1; Domain=http://localhost; Path=/'],
  ['larger', 'x'.repeat(4091), {}, `larger=${'x'.repeat(4091)}; Path=/`],
];

class SetHandler extends RequestHandler {
  get(): void {
    for (const [name, value, options] of kept) this.setCookie(name, value, options);
    for (const [name, value, options, header] of dropped) {
      assert.throws(() => formatCookie(name, value, options), /^GaleError/, name);
      this.addHeader('Set-Cookie', header);
    }
  }
}

class PageHandler extends RequestHandler {
  get(): void {
    this.write(Object.fromEntries(this.getCookieNames().map((name) => [name, this.getCookie(name)])));
  }
}

test('Chromium keeps exactly the cookies that setCookie accepts, and their values are read back', async (t) => {
  const served = await serve(t, [
    ['/set', SetHandler],
    ['/page/cookies', PageHandler],
  ]);
  const browser = await launchChromium();
  t.after(() => browser.close());
  const page = await browser.newPage();
  // Chromium accepts Secure cookies of localhost without TLS.
  const origin = `http://localhost:${served.port}`;
  await page.goto(`${origin}/set`);
  const read = async (): Promise<unknown> => (await page.goto(`${origin}/page/cookies`))?.json();
  assert.deepEqual(await read(), Object.fromEntries(kept.map(([name, value]) => [name, value])));

  // Of two cookies with one name the browser sends the one with the longer path first. It sends text as UTF-8.
  await page.evaluate(() => {
    document.cookie = 'twice=root; path=/';
    document.cookie = 'twice=page; path=/page';
    document.cookie = 'text=voilà 中à; path=/';
    document.cookie = 'list[a:b]=1; path=/';
    document.cookie = 'clé à=2; path=/';
  });
  const { twice, text, 'list[a:b]': list, 'clé à': key } = (await read()) as Record<string, string>;
  assert.deepEqual({ twice, text, list, key }, { twice: 'page', text: 'voilà 中à', list: '1', key: '2' });
});
