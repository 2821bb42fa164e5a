import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, plain, requestText, serve } from '../../test/support/http/http-server.ts';

test('hands over the socket and the bytes after the request', async (t) => {
  const { connect, server } = await serve(t, async (request) => {
    await new Promise(setImmediate);
    const { socket, head, wheel } = request.upgrade();
    assert.equal(wheel, server.wheel);
    assert.throws(() => request.upgrade(), { code: 'HTTP_UPGRADE' });
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n\r\n${head.toString('latin1')}`, 'latin1');
    socket.on('data', (bytes) => socket.write(bytes));
  });
  const client = await connect();
  await client.send(`${requestText('GET /', 'Upgrade: x', 'Connection: upgrade')}extras`);
  assert.equal((await client.readResponse()).status, 101);
  await client.until((received) => received === 'extras');
  client.take(6);
  await client.send(requestText('GET /'));
  await client.until((received) => received === requestText('GET /'));
  assert.equal(server.connectionCount, 1);
  client.socket.end();
  await client.closed;
  await eventually(() => server.connectionCount <= 0);
});

test('sends responses to earlier requests before anything that the new owner writes', async (t) => {
  const { connect } = await serve(t, (request, response) => {
    if (request.path !== '/upgrade') return response.send(200, plain, request.path);
    const { socket } = request.upgrade();
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    socket.on('data', () => {});
  });
  const client = await connect();
  await client.send(requestText('GET /1') + requestText('GET /2') + requestText('GET /upgrade'));
  assert.equal((await client.readResponse()).body, '/1');
  assert.equal((await client.readResponse()).body, '/2');
  assert.equal((await client.readResponse()).status, 101);
});

test('loses no bytes that were sent after the request', async (t) => {
  const length = 1_000_000;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const { connect } = await serve(t, async (request) => {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    const { socket, head } = request.upgrade();
    let received = head.length;
    const count = (): void => {
      if (received === length) resolve();
    };
    socket.on('data', (bytes) => {
      received += bytes.length;
      count();
    });
    count();
  });
  const client = await connect();
  void client.send(requestText('GET /') + 'x'.repeat(length));
  await all;
  client.socket.destroy();
});

test('refuses to upgrade a request that has a body or a response', async (t) => {
  const codes: string[] = [];
  const { connect } = await serve(t, (request, response) => {
    if (request.path === '/complete') response.send(200, plain, 'x');
    try {
      request.upgrade();
    } catch (error) {
      codes.push((error as { code: string }).code);
    }
    if (!response.finished) response.send(200, plain, 'x');
  });
  const client = await connect();
  await client.send(`${requestText('POST /body', 'Content-Length: 1')}x${requestText('GET /complete')}`);
  await client.readResponse();
  await client.readResponse();
  assert.deepEqual(codes, ['HTTP_UPGRADE', 'HTTP_UPGRADE']);
});
