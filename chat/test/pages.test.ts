import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat } from './support/app.ts';
import { password, type Visitor } from './support/chat-server.ts';

const headingOf = async (response: Response): Promise<string | undefined> =>
  /<h1>([^<]*)<\/h1>/.exec(await response.text())?.[1];

test('every response has the security headers', async (t) => {
  const chat = await serveChat(t);
  const visitor = chat.visitor();
  const paths = [
    '/',
    '/login',
    '/register',
    '/health',
    '/healthz',
    '/me',
    '/nowhere',
    '/socket',
    '/language?lang=en',
    '/language',
    '/static/assets/main-abc.js',
    '/static/assets/none.js',
    '/static/.vite/manifest.json',
  ];
  for (const path of paths) {
    const { headers } = await visitor.get(path);
    const isFile = path.endsWith('main-abc.js');
    const policy = isFile ? /^default-src 'none'; f/ : /^default-src 'none'; script-src 'self';/;
    assert.match(headers.get('content-security-policy') ?? '', policy, path);
    assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/, path);
    assert.equal(headers.get('referrer-policy'), 'same-origin', path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
  }
  const refused = await visitor.post('/language', { lang: 'en' });
  assert.equal(refused.status, 403);
  assert.match(refused.headers.get('content-security-policy') ?? '', /default-src 'none'/);
});

test('the policy allows only the inline script with the nonce of its own response', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  const nonces = new Set<string>();
  for (let visit = 0; visit < 2; visit++) {
    const response = await ann.get('/');
    const policy = response.headers.get('content-security-policy') ?? '';
    const [, nonce = ''] = /script-src 'self' 'nonce-([^']+)';/.exec(policy) ?? [];
    assert.match(nonce, /^[\w+/=]{20,}$/);
    assert.deepEqual(
      [...(await response.text()).matchAll(/<script(?! type="module" src=)[^>]*>/g)].map(([tag]) => tag),
      [`<script nonce="${nonce}">`],
    );
    assert.doesNotMatch(policy, /unsafe/);
    nonces.add(nonce);
  }
  assert.equal(nonces.size, 2);
  assert.doesNotMatch((await chat.visitor().get('/login')).headers.get('content-security-policy') ?? '', /nonce/);
});

test('uses the language of the browser until one is chosen', async (t) => {
  const chat = await serveChat(t);
  const visitor = chat.visitor();
  const languageOf = async (accepted: string): Promise<string | undefined> =>
    /<html[^>]* lang="([^"]+)"/.exec(await (await visitor.get('/login', { 'accept-language': accepted })).text())?.[1];
  assert.equal(await languageOf('zh-CN,zh;q=0.9'), 'zh-CN');
  assert.equal(await languageOf('en'), 'en');
  const chosen = await visitor.get('/language?lang=en&next=/login');
  assert.equal(chosen.status, 303);
  assert.equal(chosen.headers.get('location'), '/login');
  assert.equal(await languageOf('zh-CN'), 'en');
  assert.equal(
    (await visitor.submit('/language', { lang: 'zh-CN', next: '//evil.example' }, '/login')).headers.get('location'),
    '/',
  );
  assert.equal(await languageOf('en'), 'zh-CN');
  assert.equal((await visitor.get('/language?lang=tlh')).status, 400);
  assert.equal((await visitor.post('/language', { lang: 'en' })).status, 403);
});

test('pages of errors say what happened, in the language of the visitor', async (t) => {
  const { visitor } = await serveChat(t);
  for (const [language, ...expected] of [
    ['en', 'Not allowed', 'Page not found', 'Something went wrong'],
    ['zh-CN', '没有权限', '找不到页面', '出了点问题'],
  ] as const) {
    const ann = visitor();
    const headers = { 'accept-language': language };
    const responses = [
      await ann.post('/language', { lang: 'en' }, headers),
      await ann.get('/nowhere', headers),
      await ann.post('/login', { name: 'x'.repeat(200_000) }, headers),
    ];
    assert.deepEqual(
      responses.map(({ status }) => status),
      [403, 404, 413],
    );
    assert.deepEqual(await Promise.all(responses.map(headingOf)), expected);
  }
});

test('an unknown path gets a page with status 404', async (t) => {
  const chat = await serveChat(t);
  const visitor = chat.visitor();
  for (const response of [await visitor.get('/nowhere'), await visitor.post('/nowhere', {})]) {
    assert.equal(response.status, 404);
    assert.match(await response.text(), /<html lang="en"/);
  }
});

test('serves only the built files', async (t) => {
  const chat = await serveChat(t);
  const visitor = chat.visitor();
  for (const path of ['none.js', '../.vite/manifest.json', '..%2f.vite/manifest.json', '%2e%2e/%2e%2e/dist.ts', '']) {
    const { status } = await visitor.get(`/static/assets/${path}`);
    assert.ok(status === 403 || status === 404, `${path}: ${status}`);
  }
});

test('built files can be cached forever', async (t) => {
  const chat = await serveChat(t);
  const response = await chat.visitor().get('/static/assets/main-abc.js');
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.match(response.headers.get('content-type') ?? '', /javascript/);
  assert.ok(response.headers.get('etag'));
});

test('/health reports status ok', async (t) => {
  const chat = await serveChat(t);
  const response = await chat.visitor().get('/health');
  assert.equal(response.status, 200);
  const { checkedAt, ...rest } = (await response.json()) as { readonly checkedAt: number };
  assert.deepEqual(rest, { status: 'ok' });
  assert.ok(Math.abs(Date.now() - checkedAt) < 60_000, `${checkedAt}`);
});

test('refuses a body that is not a form with 415, and one that is too large with 413', async (t) => {
  const chat = await serveChat(t);
  const visitor: Visitor = chat.visitor();
  assert.equal((await visitor.submit('/register', { name: 'x'.repeat(100_000), password })).status, 413);
  const response = await fetch(`${chat.url}/register`, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(response.status, 415);
});
