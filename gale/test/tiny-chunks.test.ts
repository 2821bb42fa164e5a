import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient, requestText, untilStable } from './support/http/http-server.ts';
import { MeasuredServer } from './support/processes/measured-server.ts';

const chunkCount = 4_000_000;
/** A separate buffer for each chunk would take more than this. */
const maxHeapMegabytes = 256;

test('stores millions of chunks of one byte in no more memory than their bytes', async (t) => {
  const server = await MeasuredServer.start(t, `--max-old-space-size=${maxHeapMegabytes}`);
  const chunks = '1\r\nx\r\n'.repeat(chunkCount);

  const read = new RawClient(server.port);
  t.after(() => read.socket.destroy());
  void read.send(`${requestText('POST /', 'Transfer-Encoding: chunked')}${chunks}0\r\n\r\n`);
  assert.equal((await read.readResponse()).body, String(chunkCount));
  const { memoryBytes: before } = await server.measure();

  const unread = new RawClient(server.port);
  t.after(() => unread.socket.destroy());
  void unread.send(`${requestText('POST /unfinished', 'Transfer-Encoding: chunked')}${chunks}`);
  await unread.until((received) => received.endsWith('x\r\n'));
  await untilStable(() => unread.socket.bytesWritten);
  const { memoryBytes: after, running } = await server.measure();
  assert.equal(running, 1);
  assert.ok(after - before < 2 ** 20, `${after - before} bytes for an unread body`);
});
