/** Runs the program of docs/guide/middleware.md, and checks its types. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkTypes, programsOf, startProgram } from './support/document-program.ts';

const [program = '', ...more] = await programsOf('docs/guide/middleware.md');

test('the middlewares of the guide run around all routes, and those of the group only around its own', async (t) => {
  const { port } = await startProgram(t, program);
  const url = `http://localhost:${port}`;
  const home = await fetch(url, { headers: { Origin: 'https://app.example' } });
  assert.equal(await home.text(), 'Hello');
  assert.equal(home.headers.get('server-timing'), 'app');
  assert.equal(home.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(home.headers.get('access-control-allow-origin'), 'https://app.example');
  assert.ok(home.headers.has('x-request-id'));
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  const refused = await fetch(`${url}/api/me`);
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('server-timing'), 'app');
  const preflight = await fetch(`${url}/api/me`, {
    method: 'OPTIONS',
    headers: { Origin: 'https://app.example', 'Access-Control-Request-Method': 'GET' },
  });
  assert.equal(preflight.status, 204);
});

test('the program of the guide has correct types', async (t) => {
  assert.deepEqual(more, []);
  await checkTypes(t, [program]);
});
