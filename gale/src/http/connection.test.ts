import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';
import { fakeWheel, poll } from '../../test/support/http/fake-wheel.ts';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import { echo, eventually, plain, requestText, serve, untilStable } from '../../test/support/http/http-server.ts';

test('aborts the signal and rejects pending reads when the client disconnects', async (t) => {
  const seen: string[] = [];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const { connect } = await serve(t, async (request, response) => {
    const { signal } = request;
    assert.equal(signal.aborted, false);
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await request.body.bytes().catch((error: { code: string }) => seen.push(error.code));
    await aborted;
    seen.push((signal.reason as { code: string }).code);
    response.send(200, plain, 'not sent');
    await response.write('x').catch((error: { code: string }) => seen.push(error.code));
    resolve();
  });
  const client = await connect();
  await client.send(`${requestText('POST /', 'Content-Length: 10')}abc`);
  client.socket.resetAndDestroy();
  await done;
  assert.deepEqual(seen, ['HTTP_CLIENT_GONE', 'HTTP_CLIENT_GONE', 'HTTP_RESPONSE_STATE']);
});

test('aborts a signal that is first used after the client has disconnected, never that of a complete response', async (t) => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const { promise: checked, resolve: check } = Promise.withResolvers<boolean>();
  const complete: HttpRequest[] = [];
  const { connect, server } = await serve(t, async (request, response) => {
    if (request.path === '/complete') {
      complete.push(request);
      return response.send(200, plain, 'x');
    }
    await left;
    check(request.signal.aborted);
  });
  const client = await connect();
  await client.send(requestText('GET /complete'));
  await client.readResponse();
  const early = complete[0]?.signal;
  await client.send(requestText('GET /left'));
  client.socket.resetAndDestroy();
  await eventually(() => server.connectionCount <= 0);
  leave();
  assert.equal(await checked, true);
  assert.equal(early?.aborted, false);
});

test('keeps incomplete heads and bodies of several connections apart, cut at every byte', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request.body) parts.push(part);
    response.send(200, plain, `${request.headers.get('x-name')} ${Buffer.concat(parts).toString()}`);
  });
  const clients = [await connect(), await connect()];
  const texts = ['a', 'b'].map(
    (name) => `${requestText('POST /', `X-Name: ${name.repeat(3)}`, 'Content-Length: 12')}${name.repeat(12)}`,
  );
  for (let cut = 1; cut < (texts[0]?.length ?? 0); cut++) {
    for (const [index, client] of clients.entries()) await client.send(texts[index]?.slice(0, cut) ?? '');
    await new Promise(setImmediate);
    for (const [index, client] of clients.entries()) await client.send(texts[index]?.slice(cut) ?? '');
    assert.equal((await clients[0]?.readResponse())?.body, `aaa ${'a'.repeat(12)}`, `cut at ${cut}`);
    assert.equal((await clients[1]?.readResponse())?.body, `bbb ${'b'.repeat(12)}`, `cut at ${cut}`);
  }
});

test('responds 408 to a head that takes too long from its first byte', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { connect } = await serve(t, echo, { wheel, headTimeoutMs: 10_000, idleTimeoutMs: 75_000 });
  const client = await connect();
  const text = requestText('GET /', 'A: b');
  let sent = 0;
  const response = client.readResponse();
  await poll(() => {
    // One byte each second; twenty seconds are not enough for the whole head.
    if (sent < text.length - 1) client.socket.write(text[sent++] as string);
    pass(1_000);
  }, response);
  assert.ok(sent < text.length - 1, `after ${sent} bytes`);
  assert.equal((await response).status, 408);
  assert.equal(await client.rest(), '');
});

for (const isSending of [false, true]) {
  test(`resets the connection of a client that reads nothing of its response${isSending ? ', even while it sends' : ''}, and logs it`, async (t) => {
    const { wheel, pass } = fakeWheel(t);
    const log = new RecordedLog();
    const { connect, server } = await serve(
      t,
      (_, response) => response.send(200, plain, Buffer.alloc(32 * 1024 * 1024)),
      { wheel, writeTimeoutMs: 30_000, log },
    );
    const client = await connect();
    client.socket.pause();
    await client.send(requestText('GET /'));
    await untilStable(() => client.socket.bytesRead);
    const gone = eventually(() => server.connectionCount === 0);
    await poll(() => {
      if (isSending) client.socket.write('G');
      pass(1_000);
    }, gone);
    assert.deepEqual(log.messages, ['Request completed', 'Connection reset: the client reads nothing']);
    assert.deepEqual([log.lines[1]?.level, log.lines[1]?.fields], ['info', { remoteAddress: '127.0.0.1' }]);
  });
}

test('resets the connection of a client that reads nothing of a stream, even while more is written', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const responses: HttpResponse[] = [];
  const { connect, server } = await serve(
    t,
    (_, response) => {
      response.start(200, plain);
      void response.write(Buffer.alloc(32 * 1024 * 1024));
      responses.push(response);
    },
    { wheel, writeTimeoutMs: 30_000 },
  );
  const client = await connect();
  client.socket.pause();
  await client.send(requestText('GET /'));
  await untilStable(() => responses.length + client.socket.bytesRead);
  const gone = eventually(() => server.connectionCount === 0);
  await poll(() => {
    void responses[0]?.write('more');
    pass(1_000);
  }, gone);
});

test('sends the whole response to a client that reads slowly but steadily', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const size = 32 * 1024 * 1024;
  const { connect } = await serve(t, (_, response) => response.send(200, plain, Buffer.alloc(size)), {
    wheel,
    writeTimeoutMs: 30_000,
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  let reads = 0;
  client.socket.on('data', () => {
    // In total much longer than the timeout.
    if (++reads % 20 === 0) pass(5_000);
  });
  assert.equal((await client.readResponse()).body.length, size);
  assert.ok(reads > 200);
});
