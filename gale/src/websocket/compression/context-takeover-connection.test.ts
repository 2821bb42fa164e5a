/** Context takeover over real sockets: which earlier messages a message may refer to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { compressed, connectOffering, deflate } from '../../../test/support/websocket/compressed-frames.ts';
import { clientFrame } from '../../../test/support/websocket/websocket-bytes.ts';
import { serve } from '../../../test/support/websocket/websocket-server.ts';
import type { ServeOptions } from '../../../test/support/websocket/websocket-server.ts';
import { opcodes } from '../protocol/frame.ts';

const mebibyte = 2 ** 20;
const keeping = { options: { compress: true, contextTakeover: true } } satisfies ServeOptions;

test('with context takeover the second of two equal messages is tiny, both ways', async (t) => {
  const server = await serve(t, keeping);
  const peer = await connectOffering(server.port);
  const served = await server.connected(1);
  const text = crypto.getRandomValues(Buffer.alloc(3000)).toString('base64');
  for (let i = 0; i < 3; i++) served.connection.send(text);
  await eventually(() => peer.events.length === 3);
  assert.deepEqual(peer.events, [`text ${text}`, `text ${text}`, `text ${text}`]);
  const [first, second, third] = peer.compressed.map(({ length }) => length);
  assert.ok(first! > 2900 && second! < 100 && third! < 100, `${first}, ${second}, ${third}`);

  const again = compressed(text, text);
  assert.ok(again.length < 100);
  peer.write(Buffer.concat([compressed(text), again, again]));
  await eventually(() => served.lines.length === 4);
  assert.deepEqual(served.lines, ['open', `message ${text}`, `message ${text}`, `message ${text}`]);
});

test('a client may refer to its compressed messages, fragmented ones too, but not to plain ones', async (t) => {
  const server = await serve(t, keeping);
  const peer = await connectOffering(server.port);
  const served = await server.connected(1);
  const [one, two] = ['first of all, and in parts', 'second'];
  const parts = deflate(one);
  peer.write(
    Buffer.concat([
      clientFrame(opcodes.text, parts.subarray(0, 5), { reserved: 4, final: false }),
      clientFrame(opcodes.ping, 'no part of it'),
      clientFrame(opcodes.continuation, parts.subarray(5)),
      clientFrame(opcodes.text, 'sent as it is, so not in the window'),
      compressed(two, one),
      compressed(one + two, one + two),
    ]),
  );
  await served.noted(`message ${one}${two}`);
  assert.deepEqual(served.lines.slice(1), [
    'ping no part of it',
    `message ${one}`,
    'message sent as it is, so not in the window',
    `message ${two}`,
    `message ${one}${two}`,
  ]);
});

test('closes with 1007 after a reference to an earlier message without context takeover', async (t) => {
  const server = await serve(t, keeping);
  const peer = await connectOffering(server.port, 'permessage-deflate; client_no_context_takeover');
  const text = 'the same once more';
  peer.write(Buffer.concat([compressed(text), compressed(text, text)]));
  await peer.saw(/^close 1007 /);
  assert.deepEqual((await server.connected(1)).lines.slice(0, 3), ['open', `message ${text}`, 'error WS_DEFLATE']);
});

test('closes with 1009 after a zip bomb that refers to earlier messages', async (t) => {
  const server = await serve(t, keeping);
  const peer = await connectOffering(server.port);
  const zeros = '\0'.repeat(32_768);
  peer.write(Buffer.concat([compressed(zeros), compressed(Buffer.alloc(64 * mebibyte), zeros), compressed('after')]));
  await peer.saw(/^close 1009 /);
  const { lines } = await server.connected(1);
  assert.deepEqual(
    lines.map((line) => line.slice(0, 10)),
    ['open', 'message \0\0', 'error WS_M', 'close 1009'],
  );
});

test('with whenBufferFull drop, no later message refers to an omitted one', async (t) => {
  const server = await serve(t, { options: { ...keeping.options, maxBufferedBytes: 100_000, whenBufferFull: 'drop' } });
  const peer = await connectOffering(server.port);
  const { connection } = await server.connected(1);
  peer.socket.pause();
  const texts = Array.from({ length: 2000 }, () => crypto.getRandomValues(Buffer.alloc(9000)).toString('base64'));
  const taken = texts.filter((text) => connection.send(text));
  assert.ok(taken.length < texts.length, 'some were left out');
  peer.socket.resume();
  await connection.drained();
  for (const text of texts.slice(-3)) {
    assert.ok(connection.send(text));
    await connection.drained();
  }
  const expected = [...taken, ...texts.slice(-3)];
  await eventually(() => peer.events.length === expected.length);
  assert.ok(expected.every((text, index) => peer.events[index] === `text ${text}`));
  assert.equal(connection.isOpen, true);
});
