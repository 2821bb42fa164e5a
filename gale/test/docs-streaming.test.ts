/** Runs the two programs of docs/guide/streaming.md, and checks their types. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkTypes, programsOf, startProgram } from './support/document-program.ts';
import { eventually } from './support/eventually.ts';

const examples = await programsOf('docs/guide/streaming.md');
const [upload = '', countdown = ''] = examples;

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

test('the programs of the guide compile', async (t) => {
  assert.equal(examples.length, 2);
  await checkTypes(t, examples);
});
