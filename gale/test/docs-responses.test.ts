/** Runs the programs of docs/guide/responses.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';
import { textOf } from './support/repository.ts';

const programs = await programsOf('docs/guide/responses.md');
const [returned = '', errors = '', health = ''] = programs;

test('the values of the guide become responses', async (t) => {
  const { port } = await startProgram(t, returned);
  const ask = async (path: string, init: RequestInit = {}): Promise<readonly [number, string | null, string]> => {
    const response = await fetch(`http://localhost:${port}${path}`, init);
    return [response.status, response.headers.get('content-type'), await response.text()];
  };
  assert.deepEqual(await ask('/'), [200, 'text/html; charset=UTF-8', '<h1>Hello</h1>']);
  const json = 'application/json; charset=UTF-8';
  assert.deepEqual(await ask('/story/1'), [200, json, '{"id":"1","title":"The gale"}']);
  assert.deepEqual((await ask('/story/2')).slice(0, 1), [404]);
  assert.deepEqual(await ask('/story/3', { method: 'PUT' }), [201, json, '{"id":"3"}']);
  assert.deepEqual(await ask('/numbers'), [200, 'text/plain; charset=UTF-8', '1\n2\n3\n']);
  assert.deepEqual((await ask('/favicon.ico')).slice(0, 2), [200, 'image/x-icon']);
});

test('the errors of the guide have the shown forms', async (t) => {
  const { port } = await startProgram(t, errors);
  const ask = (path: string, method: string, accept: string): Promise<Response> =>
    fetch(`http://localhost:${port}${path}`, { method, headers: { Accept: accept } });
  const response = await ask('/pay', 'POST', 'application/json');
  assert.equal(response.headers.get('content-type'), 'application/problem+json');
  const problem = (await response.json()) as { instance: string };
  const [, shown = ''] = /```json\n(.*?)```/s.exec(await textOf('docs/guide/responses.md')) ?? [];
  const expected = JSON.parse(shown) as { instance: string };
  assert.match(problem.instance, /^\/pay#[0-9a-f]{12}-\w+$/);
  assert.match(expected.instance, /^\/pay#[0-9a-f]{12}-\w+$/);
  assert.deepEqual({ ...problem, instance: '' }, { ...expected, instance: '' });
  const page = await (await ask('/pay', 'POST', 'text/html')).text();
  assert.match(page, /<h1>403: Forbidden<\/h1><p>Your balance is too low\.<\/p>/);
  assert.doesNotMatch(page, /account 7/);
  assert.equal(await (await ask('/page', 'GET', 'text/html')).text(), '<h1>We have looked everywhere</h1>');
  assert.match(await (await ask('/page', 'POST', 'text/html')).text(), /405: Method Not Allowed/);
});

test('the health routes of the guide respond as shown', async (t) => {
  const { port } = await startProgram(t, health);
  assert.equal(await (await fetch(`http://localhost:${port}/healthz`)).text(), '{"status":"ok"}');
  assert.match(await (await fetch(`http://localhost:${port}/readyz`)).text(), /^\{"status":"ok","checkedAt":\d+\}$/);
});
