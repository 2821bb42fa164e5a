/** Runs the two programs of docs/guide/websocket.md. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectWebSocket } from '../src/websocket/client/client.ts';
import { programsOf, startProgram } from './support/document-program.ts';

const examples = await programsOf('docs/guide/websocket.md');
const [talk = '', download = ''] = examples;

test('the talk of the guide accepts clients with a name from allowed origins, and broadcasts', async (t) => {
  const { port } = await startProgram(t, talk);
  const url = `ws://localhost:${port}/talk`;
  await assert.rejects(connectWebSocket(url), /responded to a WebSocket handshake with 401 Unauthorized/);
  await assert.rejects(connectWebSocket(`${url}?name=Ann`, { origin: 'https://other.example' }), /with 403 Forbidden/);
  const ann = await connectWebSocket(`${url}?name=Ann`, {
    origin: 'https://app.example',
    protocols: ['talk.v2', 'talk.v1'],
  });
  assert.equal(ann.protocol, 'talk.v1');
  assert.equal(await ann.readMessage(), '{"welcome":"Ann"}');
  const bob = await connectWebSocket(`${url}?name=Bob`);
  assert.equal(await bob.readMessage(), '{"welcome":"Bob"}');
  bob.writeMessage('hello');
  for (const one of [ann, bob]) assert.equal(await one.readMessage(), 'Bob: hello');
  bob.writeMessage(Buffer.from('bytes'));
  assert.equal((await bob.closed).code, 1003);
  ann.writeMessage('x'.repeat(16 * 1024 + 1));
  assert.equal((await ann.closed).code, 1009);
});

test('the download of the guide sends a file with backpressure', async (t) => {
  const { port, folder } = await startProgram(t, download);
  const film = Buffer.alloc(5_000_000, 'film ');
  await writeFile(join(folder, 'film.bin'), film);
  const client = await connectWebSocket(`ws://localhost:${port}/film`);
  const parts: Buffer[] = [];
  for await (const part of client) parts.push(part as Buffer);
  assert.ok(Buffer.concat(parts).equals(film));
  assert.equal((await client.closed).code, 1000);
});
