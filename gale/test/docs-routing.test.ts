/** Runs the program of docs/guide/routing.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';

const programs = await programsOf('docs/guide/routing.md');

test('the routes of the guide match as it says', async (t) => {
  const { port } = await startProgram(t, programs[0] ?? '');
  const ask = async (path: string): Promise<string | number> => {
    const response = await fetch(`http://localhost:${port}${path}`, { redirect: 'manual' });
    const text = await response.text();
    return response.ok ? text : (response.headers.get('location') ?? response.status);
  };
  assert.equal(await ask('/story/7'), 'story 7, also at /story/7\n');
  assert.equal(await ask('/%73tory/a%2fb'), 'story a/b, also at /story/a%2Fb\n');
  assert.equal(await ask('/story/a%252Fb'), 'story a%2Fb, also at /story/a%252Fb\n');
  assert.equal(await ask('/story%2F7'), 404);
  assert.equal(await ask('/story/100%'), 400);
  assert.equal(await ask('/story/%FF'), 400);
  assert.equal(await ask('/café/a/b'), 'file a/b\n');
  assert.equal(await ask('/caf%c3%a9/'), 'file \n');
  assert.equal(await ask('/archive/2026-11'), 'archive of 2026, 11\n');
  assert.equal(await ask('/archive/2026'), 'archive of 2026, all months\n');
  assert.equal(await ask('/stories/a%2Fb?page=2'), '/story/a%2Fb?page=2');
});

test('functions and groups of the guide respond as it says', async (t) => {
  const { port } = await startProgram(t, programs[1] ?? '');
  const ask = async (path: string, method = 'GET'): Promise<string> => {
    const response = await fetch(`http://localhost:${port}${path}`, { method });
    return `${response.status} ${await response.text()}`;
  };
  assert.equal(await ask('/hello/Ada'), '200 Hello, Ada!');
  assert.equal(await ask('/users/7'), '200 {"name":"Ada"}');
  assert.equal(await ask('/users/7', 'DELETE'), '204 ');
  assert.match(await ask('/users/7'), /^404 /);
  assert.equal(await ask('/archive/2026-11'), '200 {"year":"2026","month":"11"}');
  assert.equal(await ask('/admin'), '200 dashboard');
  assert.equal(await ask('/admin/users/7'), '200 user 7');
  assert.match(await ask('/admin/'), /^404 /);
});

test('functions of a nested group have the parameters of the outer prefix', async (t) => {
  const { port } = await startProgram(t, programs[2] ?? '');
  const url = `http://localhost:${port}/users/ada`;
  assert.equal(await (await fetch(url)).text(), 'ada');
  assert.equal(await (await fetch(`${url}/posts/7`)).text(), 'post 7 of ada');
  const likes = await fetch(`${url}/posts/7/likes/1`, { method: 'DELETE' });
  assert.deepEqual(await likes.json(), { user: 'ada', post: '7', like: '1' });
});

test('names of a mounted application of the guide are paths', async (t) => {
  const { port, child } = await startProgram(t, programs[3] ?? '');
  assert.equal(await (await fetch(`http://localhost:${port}/api/items/7`)).text(), 'item 7');
  child.kill();
  assert.equal((await child.stdout.toArray()).join(''), '/api/items/7\n/api\n');
});
