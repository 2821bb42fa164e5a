import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { listenTo, stopListening } from './socket-listeners.ts';
import { readIntoSharedBuffer, sharedBytes } from './shared-read-buffer.ts';

test('accepted sockets read into the shared buffer with this version of Node.js', async (t) => {
  const { accepted, client } = await pair(t);
  const read = new Promise<number>((resolve) => {
    const isShared = readIntoSharedBuffer(accepted, (byteCount) => {
      resolve(byteCount);
      return true;
    });
    assert.ok(isShared);
  });
  client.write('hello');
  assert.equal(sharedBytes(await read).toString(), 'hello');
});

test('an owner that does not copy gets bytes that later reads do not change', async (t) => {
  const [one, other] = [await pair(t), await pair(t)];
  const received: Buffer[] = [];
  for (const { accepted } of [one, other]) listenTo(accepted, { ...ignoring, onData: (bytes) => received.push(bytes) });
  one.client.write('first');
  await eventually(() => received.length === 1);
  other.client.write('other');
  await eventually(() => received.length === 2);
  assert.deepEqual(received.map(String), ['first', 'other']);
});

test('bytes that arrive while a socket is paused wait in the stream, and come before later ones', async (t) => {
  const { accepted, client } = await pair(t);
  let received = '';
  listenTo(accepted, { ...ignoring, copiesBytes: true, onData: (bytes) => void (received += bytes.toString()) });
  accepted.pause();
  client.write('early ');
  await eventually(() => accepted.readableLength === 6);
  accepted.resume();
  client.write('late');
  await eventually(() => received === 'early late');
});

test('a paused socket reads up to its high water mark, then stops until it is resumed', async (t) => {
  const { accepted, client } = await pair(t);
  let byteCount = 0;
  listenTo(accepted, { ...ignoring, copiesBytes: true, onData: (bytes) => void (byteCount += bytes.length) });
  accepted.pause();
  client.write(Buffer.alloc(4_000_000));
  await eventually(() => accepted.readableLength >= accepted.readableHighWaterMark);
  assert.ok(accepted.readableLength < 200_000);
  accepted.resume();
  await eventually(() => byteCount === 4_000_000);
});

test('a paused socket still notices the end of the input', async (t) => {
  const { accepted, client } = await pair(t);
  let isEnded = false;
  listenTo(accepted, { ...ignoring, onInputEnd: () => void (isEnded = true) });
  accepted.pause();
  client.end();
  await eventually(() => isEnded);
});

test('a socket without an owner emits its bytes, which later reads do not change', async (t) => {
  const [one, other] = [await pair(t), await pair(t)];
  listenTo(one.accepted, ignoring);
  stopListening(one.accepted);
  listenTo(other.accepted, ignoring);
  const received: Buffer[] = [];
  one.accepted.on('data', (bytes: Buffer) => received.push(bytes));
  one.client.write('upgraded');
  await eventually(() => received.length === 1);
  other.client.write('overwritten');
  await eventually(() => other.accepted.bytesRead === 'overwritten'.length);
  assert.equal(received.toString(), 'upgraded');
});

const ignoring = { onData() {}, onInputEnd() {}, onSocketClose() {} };

/** Both ends of a connection. */
async function pair(t: TestContext): Promise<{ readonly accepted: Socket; readonly client: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const client = connect(address.port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  t.after(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });
  return { accepted, client };
}
