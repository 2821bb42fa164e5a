/** Runs the programs of docs/guide/requests.md. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';

const programs = await programsOf('docs/guide/requests.md');
const [todos = '', schemas = '', photos = '', checksums = ''] = programs;

test('the to-do list of the guide reads arguments and bodies, and lists what is wrong', async (t) => {
  const { port } = await startProgram(t, todos);
  const ask = (path: string, method = 'GET', value?: unknown): Promise<Response> =>
    fetch(`http://localhost:${port}${path}`, {
      method,
      headers: { Accept: 'application/json', ...(value === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(value === undefined ? {} : { body: JSON.stringify(value) }),
    });
  const added = await ask('/todos', 'POST', { title: 'Milk' });
  assert.equal(added.status, 201);
  assert.deepEqual(await added.json(), { id: 1, title: 'Milk', done: false });
  assert.equal((await ask('/todos/1', 'PUT', { title: 'Milk', done: true })).status, 204);
  assert.deepEqual(await (await ask('/todos?page=1')).json(), { page: 1, todos: [[1, { title: 'Milk', done: true }]] });
  const wrong = await ask('/todos', 'POST', { title: '' });
  assert.equal(wrong.status, 422);
  const { title, detail, errors } = (await wrong.json()) as { title: string; detail: string; errors: object[] };
  assert.deepEqual([title, detail], ['Unprocessable Content', 'The body of the request is not valid.']);
  assert.deepEqual(errors, [{ path: 'title', message: 'Too small: expected string to have >=1 characters' }]);
  assert.equal((await ask('/todos?page=0')).status, 400);
  assert.equal((await ask('/todos/one', 'PUT', { title: 'x' })).status, 400);
  assert.deepEqual(await (await ask('/search?q=+a+&tag=b&tag=c')).json(), {
    words: 'a',
    sort: 'newest',
    tags: ['b', 'c'],
  });
  assert.equal((await ask('/search')).status, 400);
  assert.deepEqual(await (await ask('/search', 'POST', [1])).json(), { type: 'array' });
  assert.equal((await ask('/search', 'POST')).status, 415);
});

test('the route of the guide checks its schemas', async (t) => {
  const { port } = await startProgram(t, schemas);
  const put = (path: string, value: unknown): Promise<Response> =>
    fetch(`http://localhost:${port}${path}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(value),
    });
  assert.deepEqual(await (await put('/todos/7', { title: 'Milk' })).json(), { id: 7, title: 'Milk' });
  assert.equal((await put('/todos/x', { title: 'Milk' })).status, 400);
  assert.equal((await put('/todos/7', {})).status, 422);
});

test('the upload of the guide keeps a photo, and refuses what is none', async (t) => {
  const { port, folder } = await startProgram(t, photos);
  const url = `http://localhost:${port}/photos`;
  const send = (content: Uint8Array<ArrayBuffer> | undefined): Promise<Response> => {
    const body = new FormData();
    body.append('title', 'Sea');
    if (content !== undefined) body.append('photo', new Blob([content]), 'sea.png');
    return fetch(url, { method: 'POST', body });
  };
  assert.match(await (await fetch(url)).text(), /multipart\/form-data/);
  const png = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(2 * 1024 * 1024)]);
  const response = await send(png);
  assert.equal(response.status, 201);
  const { id, ...rest } = (await response.json()) as { id: string };
  assert.deepEqual(rest, { title: 'Sea', filename: 'sea.png', size: png.length });
  assert.ok(png.equals(await readFile(join(folder, 'photos', `${id}.png`))));
  assert.equal((await send(Buffer.from('GIF89a'))).status, 415);
  assert.equal((await send(undefined)).status, 400);
  assert.equal((await send(Buffer.alloc(5 * 1024 * 1024 + 1))).status, 413);
});

test('the streamed upload of the guide refuses early, and reads files as they come', async (t) => {
  const { port } = await startProgram(t, checksums);
  const content = Buffer.alloc(3 * 1024 * 1024, 'content');
  const send = (authorization: string): Promise<Response> => {
    const body = new FormData();
    body.append('ignored', 'field');
    body.append('file', new Blob([content]), 'a.bin');
    return fetch(`http://localhost:${port}/checksums`, { method: 'POST', body, headers: { authorization } });
  };
  const response = await send('Bearer secret');
  assert.deepEqual(await response.json(), { 'a.bin': createHash('sha256').update(content).digest('hex') });
  // The server may close the connection before everything is sent.
  const refused = await send('Bearer other').catch(() => undefined);
  assert.ok(refused === undefined || refused.status === 401);
});
