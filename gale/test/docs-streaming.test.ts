/** Runs the programs of docs/guide/streaming.md. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { launchChromium } from '../../chat/test/support/chromium.ts';
import { programsOf, startProgram } from './support/document-program.ts';
import { eventually } from './support/eventually.ts';
import { textOf } from './support/repository.ts';

const examples = await programsOf('docs/guide/streaming.md');
const [upload = '', countdown = '', load = '', clock = ''] = examples;

test('the upload of the guide stores a complete body and removes an incomplete one', async (t) => {
  const { port, folder } = await startProgram(t, upload);
  const uploads = join(folder, 'uploads');
  const url = `http://localhost:${port}/uploads`;
  const body = Buffer.alloc(300_000, 'film ');
  const response = await fetch(url, { method: 'POST', body });
  assert.equal(response.status, 201);
  const { id } = (await response.json()) as { id: string };
  assert.ok(body.equals(await readFile(join(uploads, id))));

  assert.equal((await fetch(url, { method: 'POST' })).status, 400);
  const socket = connect(port, 'localhost');
  socket.write('POST /uploads HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf');
  await eventually(async () => (await readdir(uploads)).length === 2);
  socket.destroy();
  await eventually(async () => (await readdir(uploads)).length === 1);
  assert.deepEqual(await readdir(uploads), [id]);
});

test('the countdown of the guide arrives in parts', async (t) => {
  const { port } = await startProgram(t, countdown);
  const response = await fetch(`http://localhost:${port}/countdown`);
  // A response that is sent in one part has a Content-Length.
  assert.equal(response.headers.get('transfer-encoding'), 'chunked');
  assert.equal(await response.text(), '3\n2\n1\nLift-off!\n');
});

test(
  'the stream of the guide ends when its client leaves, and lets the program stop',
  { timeout: 60_000 },
  async (t) => {
    const { port, child } = await startProgram(t, load);
    const ended = once(child, 'exit');
    // A client that ends only its side gets the end of the stream, which the handler writes a quarter of a second later.
    const left = connect({ port, host: 'localhost', allowHalfOpen: true });
    left.end('GET /load HTTP/1.1\r\nHost: x\r\n\r\n');
    let received = '';
    for await (const text of left.setEncoding('latin1')) received += String(text);
    assert.match(received, /\r\n\r\n[0-9a-f]+\r\n\d+\n\r\n0\r\n\r\n$/);

    const response = await fetch(`http://localhost:${port}/load`);
    child.kill('SIGTERM');
    // The body is complete: a connection that is reset after graceMs would be an error.
    assert.match(await response.text(), /^\d+\n$/);
    assert.deepEqual(await ended, [0, null]);
  },
);

test('the clock of the guide sends events, ends with its client, and lets the program stop', async (t) => {
  const { port, child } = await startProgram(t, clock);
  const ended = once(child, 'exit');
  const left = connect(port, 'localhost');
  left.write('GET /clock HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(left, 'data');
  left.resetAndDestroy();
  const response = await fetch(`http://localhost:${port}/clock`);
  child.kill('SIGTERM');
  assert.match(await response.text(), /^event: time\ndata: \{"now":"\d{4}-\d\d-\d\dT[\d:.]+Z"\}\n\n$/);
  assert.deepEqual(await ended, [0, null]);
});

test('the page of the guide shows the time of the clock', async (t) => {
  const { port } = await startProgram(t, clock);
  const [, script = ''] = /^```js\n(.*?)^```/ms.exec(await textOf('docs/guide/streaming.md')) ?? [];
  const browser = await launchChromium();
  t.after(() => browser.close());
  const tab = await browser.newPage();
  // A page of the same origin; the program has none.
  await tab.route('**/page', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await tab.goto(`http://localhost:${port}/page`);
  const shown = tab.waitForEvent('console');
  await tab.evaluate(script);
  assert.match((await shown).text(), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});
