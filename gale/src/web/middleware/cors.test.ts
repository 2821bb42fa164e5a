import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { basicAuth } from './basic-auth.ts';
import { cors, type CorsOptions } from './cors.ts';

class Page extends RequestHandler {
  get(): void {
    this.write('page');
  }
  delete(): void {
    this.write('deleted');
  }
}

const names = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-expose-headers',
  'access-control-max-age',
  'vary',
];

/** Status and the headers of CORS that a response has. */
async function ask(
  served: Served,
  origin: string | undefined,
  preflight?: Readonly<Record<string, string>>,
  path = '/',
): Promise<readonly [status: number, fields: Readonly<Record<string, string>>]> {
  const headers = { ...(origin === undefined ? {} : { origin }), ...preflight };
  const response = await served.get(path, { method: preflight === undefined ? 'GET' : 'OPTIONS', headers });
  const found = names.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name.replace('access-control-', ''), value]];
  });
  return [response.status, Object.fromEntries(found) as Record<string, string>];
}

async function serveWith(t: Parameters<typeof serve>[0], options: CorsOptions): Promise<Served> {
  return serve(t, [['/', Page]], { middleware: [cors(options), basicAuth({ verify: () => true })] });
}

const preflight = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'X-One, x-two' };
const app = 'https://app.example';

test('pages of the listed origins may read responses, those of others may not', async (t) => {
  const served = await serve(t, [['/', Page]], {
    middleware: [cors({ origin: [app, 'http://localhost:3000'], credentials: true, exposedHeaders: ['X-Total'] })],
  });
  for (const origin of [app, 'http://localhost:3000']) {
    const fields = {
      'allow-origin': origin,
      'allow-credentials': 'true',
      'expose-headers': 'X-Total',
      vary: 'Origin',
    };
    assert.deepEqual(await ask(served, origin), [200, fields]);
  }
  for (const origin of [
    'https://evil.example',
    'http://app.example',
    'https://app.example.evil.example',
    'null',
    undefined,
  ]) {
    assert.deepEqual(await ask(served, origin), [200, { vary: 'Origin' }], String(origin));
  }
  const [status, fields] = await ask(served, app, undefined, '/unknown');
  assert.deepEqual([status, fields['allow-origin'], fields['vary']], [404, app, 'Accept, Origin']);
});

test('a preflight gets 204 before the middlewares that follow', async (t) => {
  const served = await serveWith(t, { origin: app, maxAgeSeconds: 60 });
  const granted = {
    'allow-origin': app,
    'allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'allow-headers': 'X-One, x-two',
    'max-age': '60',
    vary: 'Origin, Access-Control-Request-Headers',
  };
  assert.deepEqual(await ask(served, app, preflight), [204, granted]);
  assert.deepEqual(await ask(served, 'https://evil.example', preflight), [
    204,
    { vary: 'Origin, Access-Control-Request-Headers' },
  ]);
  const [, long] = await ask(served, app, { ...preflight, 'access-control-request-headers': 'x'.repeat(2000) });
  assert.equal(long['allow-headers'], undefined);
  const strict = await serveWith(t, { origin: app, methods: ['GET'], allowedHeaders: ['X-One'] });
  const [, fields] = await ask(strict, app, preflight);
  assert.deepEqual([fields['allow-methods'], fields['allow-headers'], fields['vary']], ['GET', 'X-One', 'Origin']);
  // OPTIONS without a method to ask for is no preflight.
  assert.equal((await ask(served, app, {}))[0], 401);
});

test('* allows all pages, without Vary', async (t) => {
  const served = await serve(t, [['/', Page]], { middleware: [cors({ origin: '*' })] });
  assert.deepEqual(await ask(served, app), [200, { 'allow-origin': '*' }]);
  assert.deepEqual(await ask(served, undefined), [200, { 'allow-origin': '*' }]);
});

test('a function decides, also later', async (t) => {
  for (const origin of [
    (asking: string) => asking === app,
    async (asking: string) => {
      await nextTurn();
      return asking === app;
    },
  ]) {
    const served = await serve(t, [['/', Page]], { middleware: [cors({ origin })] });
    assert.equal((await ask(served, app))[1]['allow-origin'], app);
    assert.equal((await ask(served, 'https://evil.example'))[1]['allow-origin'], undefined);
    assert.equal((await ask(served, app, preflight))[1]['allow-origin'], app);
  }
});

test('refuses origins that no browser sends, and names that mean nothing', () => {
  assert.throws(() => cors({ origin: 'https://*.example' }), {
    code: 'OPTION_VALUE',
    message: /without a wildcard; for subdomains give a function/,
  });
  assert.throws(() => cors({ origin: 'https://a.example/' }), {
    code: 'OPTION_VALUE',
    message: /no path, also no slash at its end/,
  });
  assert.throws(() => cors({ origin: 'https://a.example', credentials: true, exposedHeaders: ['*'] }), {
    code: 'OPTION_VALUE',
    message: /exposedHeaders must be names instead of '\*'/,
  });
});
