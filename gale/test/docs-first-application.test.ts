/** Runs the programs of docs/guide/first-application.md. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';

const [hello = '', tasks = '', service = ''] = await programsOf('docs/guide/first-application.md');

test('the first program of the guide greets the name in the path', async (t) => {
  const { port } = await startProgram(t, hello);
  const response = await fetch(`http://localhost:${port}/hello/Ada`);
  assert.equal(await response.text(), 'Hello, Ada!');
});

test('the list of tasks of the guide can be read, extended and shortened', async (t) => {
  const { port } = await startProgram(t, tasks);
  const url = `http://localhost:${port}`;
  assert.equal(await (await fetch(url)).text(), 'Tasks are at /tasks.');
  assert.deepEqual(await (await fetch(`${url}/tasks`)).json(), { 1: 'Read the guide' });
  const added = await fetch(`${url}/tasks`, { method: 'POST', body: 'Write a test' });
  assert.equal(added.status, 201);
  assert.deepEqual(await added.json(), { id: '2' });
  assert.deepEqual(await (await fetch(`${url}/tasks/2`)).json(), { id: '2', title: 'Write a test' });
  assert.equal((await fetch(`${url}/tasks/2`, { method: 'DELETE' })).status, 204);
  assert.equal((await fetch(`${url}/tasks/2`)).status, 404);
  const refused = await fetch(`${url}/tasks`, { method: 'DELETE' });
  assert.equal(refused.status, 405);
  assert.equal(refused.headers.get('allow'), 'GET, HEAD, POST');
});

test('the service of the guide ends with status 0 after SIGTERM', async (t) => {
  const { port, child } = await startProgram(t, service);
  assert.equal(await (await fetch(`http://localhost:${port}`)).text(), 'Hello!');
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});
