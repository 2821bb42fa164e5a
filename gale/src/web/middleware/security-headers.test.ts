import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { serve } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { securityHeaders } from './security-headers.ts';

class Page extends RequestHandler {
  get(): void {
    if (this.request.query === 'nonce') this.setHeader('X-Nonce', this.cspNonce);
    if (this.request.query === 'own') this.setHeader('Content-Security-Policy', "default-src 'none'");
    this.setHeader('Etag', '"v1"');
    this.write('page');
  }
}

const plain =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; " +
  "form-action 'self'; frame-ancestors 'self'";

test('pages and error pages have a policy, nosniff and a referrer policy, but no HSTS over http', async (t) => {
  const served = await serve(t, [['/', Page]], { middleware: [securityHeaders()] });
  for (const path of ['/', '/unknown']) {
    const { headers } = await served.get(path);
    assert.equal(headers.get('content-security-policy'), plain);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('referrer-policy'), 'strict-origin-when-cross-origin');
    assert.equal(headers.get('strict-transport-security'), null);
  }
  assert.equal((await served.get('/?own')).headers.get('content-security-policy'), "default-src 'none'");
});

test('HSTS is sent over TLS', async (t) => {
  const forwarded = { headers: { 'x-forwarded-for': '192.0.2.1', 'x-forwarded-proto': 'https' } };
  for (const [options, expected] of [
    [{}, 'max-age=31536000'],
    [{ hstsMaxAgeSeconds: 60, hstsSubdomains: true }, 'max-age=60; includeSubDomains'],
    [{ hstsMaxAgeSeconds: false }, null],
  ] as const) {
    const server = { trustedProxies: ['loopback'] };
    const served = await serve(t, [['/', Page]], { middleware: [securityHeaders(options)], server });
    assert.equal((await served.get('/', forwarded)).headers.get('strict-transport-security'), expected);
  }
});

test('a nonce that the page uses is in the policy, a new one for each response', async (t) => {
  const templatePath = await mkdtemp(join(tmpdir(), 'gale-nonce-'));
  t.after(() => rm(templatePath, { recursive: true, force: true }));
  await writeFile(join(templatePath, 'page.html'), '<script nonce="{{ cspNonce }}">{{ cspNonce }}</script>');
  class Rendered extends RequestHandler {
    get(): Promise<void> {
      return this.render('page.html');
    }
  }
  const served = await serve(
    t,
    [
      ['/', Page],
      ['/rendered', Rendered],
    ],
    { middleware: [securityHeaders()], templatePath },
  );
  const seen = new Set<string>();
  for (let count = 0; count < 3; count++) {
    const response = await served.get('/rendered');
    const [, nonce = '', again] = /nonce="([^"]+)">([^<]+)</.exec(await response.text()) ?? [];
    assert.equal(nonce, again);
    assert.match(nonce, /^[\w+/]{22}==$/);
    const policy = response.headers.get('content-security-policy') ?? '';
    assert.ok(policy.includes(`script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'`), policy);
    seen.add(nonce);
  }
  assert.equal(seen.size, 3);
});

test('a 304 keeps the policy of the stored page', async (t) => {
  const served = await serve(t, [['/', Page]], { middleware: [securityHeaders()] });
  const response = await served.get('/?nonce', { headers: { 'if-none-match': '"v1"' } });
  assert.deepEqual([response.status, response.headers.get('content-security-policy')], [304, null]);
});

test('directives can be replaced, added and removed', async (t) => {
  const contentSecurityPolicy = {
    'script-src': ["'self'", 'https://cdn.example'],
    'img-src': false,
    'connect-src': "'self'",
    'upgrade-insecure-requests': '',
  } as const;
  const served = await serve(t, [['/', Page]], {
    middleware: [securityHeaders({ contentSecurityPolicy, reportOnly: true, referrerPolicy: 'no-referrer' })],
  });
  const { headers } = await served.get('/');
  assert.equal(headers.get('content-security-policy'), null);
  assert.equal(
    headers.get('content-security-policy-report-only'),
    "default-src 'self'; script-src 'self' https://cdn.example; style-src 'self'; object-src 'none'; base-uri 'none'; " +
      "form-action 'self'; frame-ancestors 'self'; connect-src 'self'; upgrade-insecure-requests",
  );
  assert.equal(headers.get('referrer-policy'), 'no-referrer');
  const none = await serve(t, [['/', Page]], {
    middleware: [securityHeaders({ contentSecurityPolicy: false, referrerPolicy: false })],
  });
  const bare = (await none.get('/')).headers;
  assert.deepEqual([bare.get('content-security-policy'), bare.get('referrer-policy')], [null, null]);
});
