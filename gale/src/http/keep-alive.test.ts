import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fakeWheel, poll } from '../../test/support/http/fake-wheel.ts';
import { echo, eventually, plain, requestText, serve } from '../../test/support/http/http-server.ts';

test('keeps the connection for the next request', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  for (let round = 0; round < 3; round++) {
    await client.send(requestText(`GET /${round}`));
    const { status, body, headers } = await client.readResponse();
    assert.equal(status, 200);
    assert.equal(body, `GET /${round} 0`);
    assert.equal(headers.has('connection'), false);
  }
});

test('responds to HTTP/1.2 as to HTTP/1.1', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    const body = await request.body.bytes();
    response.start(200, plain);
    await response.write(`${request.version} ${body.toString()}`);
    await response.end();
  });
  const client = await connect();
  for (let round = 0; round < 3; round++) {
    await client.send(
      'POST / HTTP/1.2\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3 ; a = "b"\r\nabc\r\n0\r\n\r\n',
    );
    const { head, headers, body } = await client.readResponse();
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(headers.get('transfer-encoding'), 'chunked');
    assert.equal(headers.has('connection'), false);
    assert.equal(body, '1.1 abc');
  }
});

test('closes after the response if the request has close anywhere in its Connection list', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  await client.send(requestText('GET /', 'Connection: x, Close'));
  const { headers } = await client.readResponse();
  assert.equal(headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

test('ignores requests after a request with Connection: close', async (t) => {
  const targets: string[] = [];
  const { connect } = await serve(t, (request, response) => {
    targets.push(request.target);
    response.send(200, plain, 'x');
  });
  const client = await connect();
  await client.send(requestText('GET /1', 'Connection: close') + requestText('GET /2'));
  await client.readResponse();
  assert.equal(await client.rest(), '');
  assert.deepEqual(targets, ['/1']);
});

test('closes after HTTP/1.0 requests, unless they have Connection: keep-alive, which the response repeats', async (t) => {
  const { connect } = await serve(t, echo);
  const kept = await connect();
  for (let round = 0; round < 2; round++) {
    await kept.send('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n');
    assert.equal((await kept.readResponse()).headers.get('connection'), 'keep-alive');
  }
  const closed = await connect();
  await closed.send('GET / HTTP/1.0\r\n\r\n');
  assert.equal((await closed.readResponse()).headers.get('connection'), 'close');
  assert.equal(await closed.rest(), '');
});

test('closes an idle connection without a response', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { connect } = await serve(t, echo, { wheel, idleTimeoutMs: 75_000 });
  const silent = await connect();
  const used = await connect();
  await used.send(requestText('GET /'));
  await used.readResponse();
  pass(74_000);
  await used.send(requestText('GET /'));
  await used.readResponse();
  pass(3_000);
  assert.equal(await silent.rest(), '');
  await used.send(requestText('GET /'));
  await used.readResponse();
  pass(77_000);
  assert.equal(await used.rest(), '');
});

test('destroys a connection whose client does not close it after the last response', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { connect, server } = await serve(t, echo, { wheel });
  const client = await connect();
  await client.send(requestText('GET /', 'Connection: close'));
  await client.readResponse();
  assert.equal(await client.rest(), '');
  await client.send('more');
  assert.equal(server.connectionCount, 1);
  await poll(
    () => pass(500),
    eventually(() => server.connectionCount === 0),
  );
});

test('destroys a connection whose client continues to send after it was refused', async (t) => {
  const { wheel } = fakeWheel(t);
  const { connect, server } = await serve(t, echo, { wheel });
  const client = await connect();
  await client.send('BAD\r\n\r\n');
  assert.equal((await client.readResponse()).status, 400);
  const more = 'x'.repeat(1024 * 1024);
  for (let part = 0; part < 40; part++) client.socket.write(more);
  await eventually(() => server.connectionCount === 0);
});

test('serves one more request after a response that began before the server closed', async (t) => {
  let end: (() => void) | undefined;
  const { server, connect } = await serve(t, async (request, response) => {
    if (request.path !== '/stream') return response.send(200, plain, 'the last');
    response.start(200, plain);
    await new Promise<void>((resolve) => (end = resolve));
    await response.end();
  });
  const [client, silent] = [await connect(), await connect()];
  await client.send(requestText('GET /stream'));
  await client.until((received) => received.includes('chunked'));
  const closed = server.close({ idleMs: 50 });
  // The idle connection has closed now, so the server no longer waits for requests on their way.
  await silent.rest();
  end?.();
  await client.readResponse();
  await client.send(requestText('GET /next'));
  const { body, headers } = await client.readResponse();
  assert.deepEqual([body, headers.get('connection')], ['the last', 'close']);
  for (const each of [client, silent]) each.socket.end();
  await closed;
});
