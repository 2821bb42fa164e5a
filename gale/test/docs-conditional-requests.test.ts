/** Runs the program of docs/guide/conditional-requests.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';

const examples = await programsOf('docs/guide/conditional-requests.md');
const [notes = ''] = examples;

test('the notes of the guide are changed only by a client that has seen the current version', async (t) => {
  const { port } = await startProgram(t, notes);
  const ask = (method: string, headers: Record<string, string>, body?: string): Promise<Response> =>
    fetch(`http://localhost:${port}/notes/1`, { method, headers, ...(body === undefined ? {} : { body }) });
  assert.equal((await ask('GET', { 'If-None-Match': '*' })).status, 404);
  const created = await ask('PUT', { 'If-None-Match': '*' }, 'first');
  assert.equal(created.status, 201);
  assert.equal(created.headers.get('etag'), '"1"');
  assert.equal((await ask('PUT', { 'If-None-Match': '*' }, 'other')).status, 412);
  assert.equal((await ask('PUT', { 'If-Match': '"1"' }, 'second')).status, 204);
  assert.equal((await ask('PUT', { 'If-Match': '"1"' }, 'lost')).status, 412);
  const read = await ask('GET', {});
  assert.equal(read.headers.get('etag'), '"2"');
  assert.deepEqual(await read.json(), { text: 'second' });
  assert.equal((await ask('GET', { 'If-None-Match': '"2"' })).status, 304);
  assert.equal((await ask('GET', { 'If-Match': '"1"' })).status, 412);
});
