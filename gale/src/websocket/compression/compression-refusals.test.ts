/** Compressed frames that close the connection, over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compressed, connectOffering } from '../../../test/support/websocket/compressed-frames.ts';
import { bytes, clientFrame } from '../../../test/support/websocket/websocket-bytes.ts';
import { connectPeer } from '../../../test/support/websocket/websocket-peer.ts';
import { serve } from '../../../test/support/websocket/websocket-server.ts';
import type { ServeOptions } from '../../../test/support/websocket/websocket-server.ts';
import { opcodes } from '../protocol/frame.ts';

const mebibyte = 2 ** 20;
const compress = { options: { compress: true } } satisfies ServeOptions;

const refused: { name: string; frames: Buffer; code: number; error: string }[] = [
  {
    name: 'broken deflate data',
    frames: clientFrame(opcodes.text, bytes('ffff'), { reserved: 4 }),
    code: 1007,
    error: 'WS_DEFLATE',
  },
  {
    name: 'broken deflate data of a size for the thread pool',
    frames: clientFrame(opcodes.binary, Buffer.alloc(100_000, 0xff), { reserved: 4 }),
    code: 1007,
    error: 'WS_DEFLATE',
  },
  {
    name: 'a compressed text that is not UTF-8',
    frames: asText(compressed(bytes('41 eda080'))),
    code: 1007,
    error: 'WS_UTF8',
  },
  {
    name: 'a large compressed text that is not UTF-8',
    frames: asText(compressed(Buffer.concat([Buffer.alloc(300_000, 'a'), bytes('e4b8')]))),
    code: 1007,
    error: 'WS_UTF8',
  },
  { name: 'a zip bomb', frames: compressed(Buffer.alloc(64 * mebibyte)), code: 1009, error: 'WS_MESSAGE_TOO_BIG' },
  {
    name: 'one byte too many',
    frames: compressed(Buffer.alloc(mebibyte + 1)),
    code: 1009,
    error: 'WS_MESSAGE_TOO_BIG',
  },
  {
    name: 'RSV1 on a ping',
    frames: clientFrame(opcodes.ping, '', { reserved: 4 }),
    code: 1002,
    error: 'WS_RESERVED_BITS',
  },
  {
    name: 'RSV1 on a continuation',
    frames: Buffer.concat([
      clientFrame(opcodes.text, '', { reserved: 4, final: false }),
      clientFrame(opcodes.continuation, '', { reserved: 4 }),
    ]),
    code: 1002,
    error: 'WS_RESERVED_BITS',
  },
];

/** The same frame with opcode text. */
function asText(frame: Buffer): Buffer {
  frame[0] = 0xc1;
  return frame;
}

for (const { name, frames, code, error } of refused) {
  test(`closes with ${code} after ${name}, delivers earlier messages only and calls onClose once`, async (t) => {
    const server = await serve(t, compress);
    const peer = await connectOffering(server.port);
    peer.write(Buffer.concat([compressed('before'), frames, compressed('after'), clientFrame(opcodes.ping, 'after')]));
    await peer.saw(new RegExp(`^close ${code} `));
    peer.socket.end();
    const served = await server.connected(1);
    await served.noted(new RegExp(`^close ${code} `));
    assert.deepEqual(
      served.lines.map((line) => line.replace(/^(close \d+).*/, '$1')),
      ['open', 'message before', `error ${error}`, `close ${code}`],
    );
    assert.deepEqual(
      peer.events.filter((line) => line.startsWith('pong')),
      [],
    );
  });
}

test('closes with 1002 after RSV1 without an agreement, with compression enabled', async (t) => {
  const server = await serve(t, compress);
  const peer = await connectPeer(server.port);
  peer.write(compressed('Hello'));
  await peer.saw(/^close 1002 /);
});
