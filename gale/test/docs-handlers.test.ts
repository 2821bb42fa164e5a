/** Runs the program of docs/guide/handlers.md. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';

const programs = await programsOf('docs/guide/handlers.md');

test('the notes of the guide need a login, and the form of the login an XSRF token', async (t) => {
  const { port } = await startProgram(t, programs[0] ?? '');
  const url = `http://localhost:${port}`;
  const stranger = await fetch(`${url}/notes`, { redirect: 'manual' });
  assert.equal(stranger.status, 302);
  assert.equal(stranger.headers.get('location'), '/login?next=%2Fnotes');
  const form = await fetch(`${url}/login`);
  const cookie = form.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const token = /name="_xsrf" value="([^"]+)"/.exec(await form.text())?.[1] ?? '';
  const refused = await fetch(`${url}/login`, { method: 'POST', body: new URLSearchParams({ name: 'Ada' }) });
  assert.equal(refused.status, 403);
  const login = await fetch(`${url}/login`, {
    method: 'POST',
    headers: { cookie },
    body: new URLSearchParams({ name: 'Ada', _xsrf: token }),
    redirect: 'manual',
  });
  assert.equal(login.headers.get('location'), '/notes');
  const headers = { cookie: `${cookie}; ${login.headers.getSetCookie()[0]?.split(';')[0]}`, 'x-xsrftoken': token };
  const added = await fetch(`${url}/notes`, { method: 'POST', headers, body: 'Tea at five' });
  assert.equal(added.status, 201);
  const notes = await fetch(`${url}/notes`, { headers });
  assert.deepEqual(await notes.json(), { reader: 'Ada', notes: [{ author: 'Ada', text: 'Tea at five' }] });
});

test('the group of the guide needs a token', async (t) => {
  const { port } = await startProgram(t, programs[1] ?? '');
  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`http://localhost:${port}${path}`, { headers });
  assert.equal(await (await ask('/')).text(), 'for everybody');
  const refused = await ask('/api/me', { accept: 'application/json' });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get('www-authenticate'), 'Bearer realm="notes"');
  assert.equal(refused.headers.get('content-type'), 'application/problem+json');
  assert.equal((await ask('/api/me', { authorization: 'Bearer other' })).status, 401);
  assert.deepEqual(await (await ask('/api/me', { authorization: 'Bearer token of Ada' })).json(), { name: 'Ada' });
});
