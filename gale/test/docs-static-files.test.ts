/** Runs the programs of docs/guide/static-files.md. */
import assert from 'node:assert/strict';
import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { programsOf, startProgram } from './support/document-program.ts';

const programs = await programsOf('docs/guide/static-files.md');
const [folders = '', siblings = ''] = programs;

async function write(folder: string, name: string, text: string): Promise<void> {
  const path = join(folder, name);
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, text);
}

test('the folders of the guide are served as it says', async (t) => {
  const { port } = await startProgram(t, folders, async (folder) => {
    await write(folder, 'static/app.css', 'p { color: red }');
    await write(folder, 'static/robots.txt', 'User-agent: *');
    await write(folder, 'static/.env', 'secret');
    await write(folder, 'downloads/film.txt', 'a'.repeat(1_000));
    await write(folder, 'site/guide/index.html', '<p>guide</p>');
  });
  const ask = (path: string, headers = {}): Promise<Response> =>
    fetch(`http://localhost:${port}${path}`, { redirect: 'manual', headers });
  const [, url = ''] = /href="(\/static\/app\.css\?v=[\w-]+)"/.exec(await (await ask('/')).text()) ?? [];
  const style = await ask(url);
  assert.equal(style.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  assert.equal(await style.text(), 'p { color: red }');
  const etag = style.headers.get('etag') ?? '';
  assert.equal((await ask('/static/app.css')).headers.get('cache-control'), 'no-cache');
  assert.equal((await ask('/static/app.css', { 'If-None-Match': etag })).status, 304);
  assert.equal((await ask('/robots.txt')).status, 200);
  assert.equal((await ask('/static/.env')).status, 404);
  assert.equal((await ask('/static/..%2fprogram.mjs')).status, 403);
  assert.equal((await ask('/static/')).status, 403);
  assert.equal((await ask('/docs/guide')).headers.get('location'), '/docs/guide/');
  assert.equal(await (await ask('/docs/guide/')).text(), '<p>guide</p>');
  const film = await ask('/downloads/film.txt', { Range: 'bytes=0-99' });
  assert.equal(film.headers.get('content-disposition'), 'attachment');
  assert.equal(film.headers.get('content-range'), 'bytes 0-99/1000');
  const parts = await ask('/downloads/film.txt', { Range: 'bytes=0-99,200-299' });
  assert.match(parts.headers.get('content-type') ?? '', /^multipart\/byteranges; boundary=/);
  assert.equal((await ask('/downloads/film.txt', { Range: 'bytes=1000-' })).status, 416);
  assert.equal((await ask('/downloads/film.txt', { Range: 'bytes=0-99', 'If-Range': '"old"' })).status, 200);
});

test('the middleware of the guide sends compressed siblings', async (t) => {
  const { port } = await startProgram(t, siblings, async (folder) => {
    await write(folder, 'static/app.js', 'plain');
    await write(folder, 'static/app.js.gz', 'not really gzip');
    await write(folder, 'static/old.js.gz', 'older');
    await utimes(join(folder, 'static/old.js.gz'), 1, 1);
    await write(folder, 'static/old.js', 'newer');
  });
  const ask = (path: string, coding: string): Promise<Response> =>
    fetch(`http://localhost:${port}/static/${path}`, { method: 'HEAD', headers: { 'Accept-Encoding': coding } });
  const sibling = await ask('app.js', 'gzip');
  assert.equal(sibling.headers.get('content-encoding'), 'gzip');
  assert.equal(sibling.headers.get('content-length'), '15');
  assert.equal((await ask('app.js', 'identity')).headers.get('content-encoding'), null);
  assert.equal((await ask('old.js', 'gzip')).headers.get('content-encoding'), null);
});
