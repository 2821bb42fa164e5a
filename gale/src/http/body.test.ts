import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { GaleError } from '../errors.ts';
import { RequestBody } from './body.ts';
import type { HttpRequest } from './request.ts';
import { fakeWheel, poll } from '../../test/support/http/fake-wheel.ts';
import { echo, eventually, plain, requestText, serve, untilStable } from '../../test/support/http/http-server.ts';

/** A chunked body of `count` chunks with `size` bytes each. */
function chunks(count: number, size: number): string {
  return `${`${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`.repeat(count)}0\r\n\r\n`;
}

test('gives a request without a body 0 declared bytes and an empty body', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    assert.equal(request.body.declaredBytes, 0);
    assert.equal((await request.body.bytes()).length, 0);
    await assert.rejects(request.body.bytes(), { code: 'HTTP_BODY_TAKEN' });
    response.send(200, plain, 'ok');
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  assert.equal((await client.readResponse()).body, 'ok');
});

test('reads a whole body, with and without a declared length', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    response.send(200, plain, `${request.body.declaredBytes} ${await request.body.bytes()}`);
  });
  const client = await connect();
  for (const character of `${requestText('POST /', 'Content-Length: 6')}hällo`) client.socket.write(character);
  assert.equal((await client.readResponse()).body, '6 h\xc3\xa4llo');
  await client.send(requestText('POST /', 'Transfer-Encoding: chunked') + chunks(3, 2));
  assert.equal((await client.readResponse()).body, 'undefined xxxxxx');
});

/** A request with a body whose length is declared. */
function declared(path: string, size: number): string {
  return requestText(`POST ${path}`, `Content-Length: ${size}`) + 'x'.repeat(size);
}

/** A request with a chunked body, one byte per chunk. */
function found(path: string, size: number): string {
  return requestText(`POST ${path}`, 'Transfer-Encoding: chunked') + chunks(size, 1);
}

test('rejects a body over the limit with 413, declared or chunked', async (t) => {
  const { connect } = await serve(
    t,
    async (request, response) => {
      if (request.path === '/more') request.body.setMaxBytes(20);
      response.send(200, plain, String((await request.body.bytes()).length));
    },
    { maxBodyBytes: 10 },
  );
  for (const body of [declared, found]) {
    const client = await connect();
    await client.send(body('/', 10));
    assert.equal((await client.readResponse()).body, '10');
    await client.send(body('/more', 20));
    assert.equal((await client.readResponse()).body, '20');
    await client.send(body('/', 11) + requestText('GET /next'));
    const response = await client.readResponse();
    assert.equal(response.status, 413);
    assert.match(response.body, /over the limit of 10 bytes; send less/);
    assert.equal(response.headers.get('connection'), 'close');
    assert.equal(await client.rest(), '');
  }
});

test('setMaxBytes rejects a limit that is not a number of bytes, and the limit stays', async (t) => {
  const { connect } = await serve(
    t,
    (request, response) => {
      for (const wrong of [undefined, null, NaN, Infinity, -1, 0.5, '20']) {
        assert.throws(() => request.body.setMaxBytes(wrong as number), {
          code: 'OPTION_VALUE',
          message: /^maxBytes must be an integer from 0 to 9007199254740991; got /,
        });
      }
      return request.body.bytes().then(({ length }) => response.send(200, plain, String(length)));
    },
    { maxBodyBytes: 10 },
  );
  const client = await connect();
  await client.send(declared('/', 11));
  assert.equal((await client.readResponse()).status, 413);
});

test('does not queue parts of a discarded or rejected body', () => {
  for (const isRejected of [false, true]) {
    const calls: string[] = [];
    const source = {
      resumeBody: () => void calls.push('resume'),
      pauseBody: () => void calls.push('pause'),
      rejectBody: () => void calls.push('reject'),
      bodyMemory: undefined,
    };
    const body = new RequestBody(source, undefined, isRejected ? 1 : 1_000_000);
    if (!isRejected) body.discardUnread();
    // Queued parts of more than 64 KiB would pause the source.
    for (let part = 0; part < 4; part++) body.push(Buffer.alloc(60_000));
    assert.deepEqual(calls, isRejected ? ['reject'] : []);
    assert.equal(body.receivedBytes, 240_000);
  }
});

test('pauses the source at exactly 64 KiB of waiting parts', () => {
  let pauses = 0;
  const body = new RequestBody(
    { resumeBody() {}, pauseBody: () => void pauses++, rejectBody() {}, bodyMemory: undefined },
    undefined,
    1_000_000,
  );
  body.push(Buffer.alloc(64 * 1024 - 1));
  assert.equal(pauses, 0);
  body.push(Buffer.alloc(1));
  assert.equal(pauses, 1);
});

for (const isChunked of [false, true]) {
  test(`rejects a ${isChunked ? 'chunked' : 'declared'} body that was complete before its limit was lowered, and keeps the connection`, async (t) => {
    const { connect } = await serve(t, async (request, response) => {
      await eventually(() => request.body.isComplete);
      request.body.setMaxBytes(3);
      response.send(200, plain, await request.body.bytes());
    });
    const client = await connect();
    for (const [size, expected] of [
      [4, 413],
      [3, 200],
    ] as const) {
      await client.send((isChunked ? found : declared)('/', size));
      const { status, headers } = await client.readResponse();
      assert.deepEqual([status, headers.has('connection')], [expected, false]);
    }
  });
}

test('yields parts of the body while the client still sends', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    response.start(200, plain);
    for await (const part of request.body) await response.write(part);
    await response.end();
  });
  const client = await connect();
  await client.send(requestText('POST /', 'Transfer-Encoding: chunked'));
  await client.until((received) => received.endsWith('\r\n\r\n'));
  for (const word of ['one', 'two', 'three']) {
    await client.send(`${word.length}\r\n${word}\r\n`);
    await client.until((received) => received.endsWith(`${word}\r\n`));
  }
  await client.send('0\r\n\r\n');
  assert.equal((await client.readResponse()).body, 'onetwothree');
});

test('pauses the socket for a slow reader', async (t) => {
  const { promise: mayRead, resolve: allow } = Promise.withResolvers<void>();
  const total = 50_000_000;
  const { connect } = await serve(t, async (request, response) => {
    let length = 0;
    for await (const part of request.body) {
      length += part.length;
      await mayRead;
    }
    response.send(200, plain, String(length));
  });
  const client = await connect();
  let isTaken = false;
  void client.send(requestText('POST /', `Content-Length: ${total}`) + 'x'.repeat(total)).then(() => (isTaken = true));
  // The buffers of the system fill up, then nothing moves.
  await untilStable(() => client.socket.bytesWritten);
  assert.equal(isTaken, false);
  allow();
  assert.equal((await client.readResponse()).body, String(total));
});

test('does not buffer an unread body', async (t) => {
  const { promise: mayRespond, resolve: allow } = Promise.withResolvers<void>();
  const { connect } = await serve(t, async (_, response) => {
    await mayRespond;
    response.send(200, plain, 'ok');
  });
  const client = await connect();
  let isTaken = false;
  const total = 50_000_000;
  void client.send(requestText('POST /', `Content-Length: ${total}`) + 'x'.repeat(total)).then(() => (isTaken = true));
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
  assert.equal(isTaken, false);
  allow();
  const response = await client.readResponse();
  assert.equal(response.body, 'ok');
  assert.equal(response.headers.get('connection'), 'close');
});

test('drops the rest when a reader stops early, and keeps the connection if the rest is small', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    for await (const part of request.body) {
      response.send(200, plain, part.subarray(0, 1));
      break;
    }
    if (!response.finished) response.send(200, plain, 'none');
  });
  const client = await connect();
  await client.send(`${requestText('POST /', 'Content-Length: 6')}abc`);
  assert.equal((await client.readResponse()).body, 'a');
  await client.send(`def${requestText('GET /')}`);
  assert.equal((await client.readResponse()).body, 'none');
});

test('rejects the reader when the client ends inside the body', async (t) => {
  const { promise: failed, resolve } = Promise.withResolvers<string>();
  const { connect } = await serve(t, async (request) => {
    await request.body.bytes().catch((error: { code: string }) => resolve(error.code));
  });
  const client = await connect();
  client.socket.end(`${requestText('POST /', 'Content-Length: 6')}abc`);
  assert.equal(await failed, 'HTTP_CLIENT_GONE');
  await client.closed;
});

test('stores a body in tiny parts in little more memory than its bytes, and yields all of it', async (t) => {
  const waiting: HttpRequest[] = [];
  const { connect } = await serve(t, async (request, response) => {
    if (request.path === '/later') return void waiting.push(request);
    const body = await request.body.bytes();
    response.send(200, plain, `${body.length} ${createHash('sha1').update(body).digest('hex')}`);
  });
  const count = 50_000;
  const chunks = Array.from({ length: count }, (_, index) => `1\r\n${String.fromCharCode(97 + (index % 26))}\r\n`);
  const body = Array.from({ length: count }, (_, index) => String.fromCharCode(97 + (index % 26))).join('');
  const client = await connect();
  await client.send(`${requestText('POST /', 'Transfer-Encoding: chunked')}${chunks.join('')}0\r\n\r\n`);
  assert.equal((await client.readResponse()).body, `${count} ${createHash('sha1').update(body).digest('hex')}`);

  const unread = await connect();
  await unread.send(`${requestText('POST /later', 'Transfer-Encoding: chunked')}${chunks.join('')}`);
  await eventually(() => waiting[0]?.body.receivedBytes === count);
  let parts = 0;
  let bytes = 0;
  for await (const part of waiting[0]?.body ?? []) {
    parts++;
    bytes += part.length;
    if (bytes === count) break;
  }
  assert.equal(bytes, count);
  assert.ok(parts < 10, `${parts} parts`);
  unread.socket.destroy();
});

test('gives a reader after an early response the rest of the body, or rejects it', async (t) => {
  const ends: string[] = [];
  const { connect } = await serve(t, async (request, response) => {
    let length = 0;
    try {
      for await (const part of request.body) {
        length += part.length;
        if (!response.finished) response.send(202, plain, 'early');
      }
      ends.push(`all ${length}`);
    } catch (error) {
      ends.push((error as GaleError).code);
    }
  });
  const small = await connect();
  await small.send(`${requestText('POST /', 'Content-Length: 1000')}${'x'.repeat(400)}`);
  assert.equal((await small.readResponse()).status, 202);
  await small.send('x'.repeat(600));
  await eventually(() => ends.length === 1);
  const large = await connect();
  await large.send(`${requestText('POST /', 'Content-Length: 1000000')}x`);
  assert.equal((await large.readResponse()).headers.get('connection'), 'close');
  await eventually(() => ends.length === 2);
  const left = await connect();
  await left.send(`${requestText('POST /', 'Content-Length: 1000')}x`);
  assert.equal((await left.readResponse()).status, 202);
  left.socket.resetAndDestroy();
  await eventually(() => ends.length === 3);
  assert.deepEqual(ends, ['all 1000', 'HTTP_CLIENT_GONE', 'HTTP_CLIENT_GONE']);
});

test('sends no 100 Continue for a body over the limit', async (t) => {
  const { connect } = await serve(
    t,
    async (request, response) => response.send(200, plain, await request.body.bytes()),
    { maxBodyBytes: 10 },
  );
  const client = await connect();
  await client.send(requestText('POST /', 'Content-Length: 999', 'Expect: 100-continue'));
  assert.equal((await client.readResponse()).status, 413);
});

test('does not apply the limit to a small unread body', async (t) => {
  const { connect } = await serve(t, (request, response) => response.send(200, plain, request.path), {
    maxBodyBytes: 5,
  });
  const client = await connect();
  await client.send(`${requestText('POST /1', 'Content-Length: 10')}0123456789${requestText('GET /2')}`);
  assert.equal((await client.readResponse()).body, '/1');
  assert.equal((await client.readResponse()).body, '/2');
});

test('rejects the reader of a malformed body, responds 400 and closes the connection', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  await client.send(`${requestText('POST /', 'Transfer-Encoding: chunked')}zz\r\n${requestText('GET /next')}`);
  const response = await client.readResponse();
  assert.equal(response.status, 400);
  assert.match(response.body, /chunked/);
  assert.equal(response.headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

test('sends 100 Continue when the handler starts to read, not before', async (t) => {
  const { promise: mayRead, resolve: allow } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { connect } = await serve(t, async (request, response) => {
    arrive();
    await mayRead;
    await echo(request, response);
  });
  const client = await connect();
  await client.send(requestText('POST /', 'Content-Length: 3', 'Expect: 100-continue'));
  await arrived;
  assert.equal(client.received, '');
  allow();
  await client.until((received) => received.endsWith('\r\n\r\n'));
  assert.equal(client.take(client.received.length), 'HTTP/1.1 100 Continue\r\n\r\n');
  await client.send('abc');
  assert.equal((await client.readResponse()).body, 'POST / 3');
  await client.send(requestText('GET /again'));
  assert.equal((await client.readResponse()).body, 'GET /again 0');
});

test('sends the final response without 100 Continue if the handler does not read, and closes', async (t) => {
  const { connect } = await serve(t, (_, response) => response.send(403, plain, 'no'));
  const client = await connect();
  await client.send(requestText('POST /', 'Content-Length: 3', 'Expect: 100-continue'));
  const response = await client.readResponse();
  assert.equal(response.status, 403);
  assert.equal(response.headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

test('sends no 100 Continue after the head of the response, and the handler gets the body', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    response.start(200, plain);
    await response.write('started ');
    await response.write(await request.body.bytes());
    await response.end();
  });
  const client = await connect();
  await client.send(requestText('POST /', 'Content-Length: 3', 'Expect: 100-continue'));
  await client.until((received) => received.includes('started'));
  await client.send('abc');
  const received = await client.rest();
  assert.match(received, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(received, /started .*abc/s);
  assert.doesNotMatch(received, /100 Continue/);
});

test('sends no 100 Continue to a client that has sent its body already', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  await client.send(`${requestText('POST /', 'Content-Length: 3', 'Expect: 100-continue')}abc`);
  const response = await client.readResponse();
  assert.equal(response.status, 200);
  assert.equal(response.body, 'POST / 3');
});

test('drops a small unread body and keeps the connection', async (t) => {
  const { connect } = await serve(t, (request, response) => response.send(200, plain, request.target));
  const client = await connect();
  await client.send(requestText('POST /1', 'Content-Length: 10'));
  const response = await client.readResponse();
  assert.equal(response.headers.has('connection'), false);
  await client.send(`GET / HTTP${requestText('GET /2')}`);
  assert.equal((await client.readResponse()).body, '/2');
});

test('closes the connection after the response if a large body is unread, and the client gets the response', async (t) => {
  const { connect } = await serve(t, (_, response) => response.send(413, plain, 'too much'));
  for (const headers of [['Content-Length: 3000000'], ['Transfer-Encoding: chunked']]) {
    const client = await connect();
    client.socket.write(requestText('POST /', ...headers));
    for (let part = 0; part < 3; part++)
      client.socket.write(`${(1_000_000).toString(16)}\r\n${'x'.repeat(1_000_000)}\r\n`);
    const response = await client.readResponse();
    assert.equal(response.body, 'too much');
    assert.equal(response.headers.get('connection'), 'close');
    assert.equal(await client.rest(), '');
  }
});

test('sets no deadline for a handler whose body is complete', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  let finish: (() => void) | undefined;
  const { connect } = await serve(
    t,
    async (request, response) => {
      const body = await request.body.bytes();
      await new Promise<void>((resolve) => (finish = resolve));
      response.send(200, plain, body);
    },
    { wheel },
  );
  const client = await connect();
  await client.send(`${requestText('POST /', 'Content-Length: 2')}a`);
  await untilStable(() => client.received.length);
  await client.send('b');
  await eventually(() => finish !== undefined);
  for (let minute = 0; minute < 10; minute++) pass(60_000);
  finish?.();
  const { body, headers } = await client.readResponse();
  assert.deepEqual([body, headers.has('connection')], ['ab', false]);
});

test('rejects the reader of a body that stops arriving with 408', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { connect } = await serve(t, echo, { wheel, bodyTimeoutMs: 30_000 });
  const client = await connect();
  await client.send(`${requestText('POST /', 'Content-Length: 10')}abc`);
  const response = client.readResponse();
  await poll(() => pass(5_000), response);
  assert.equal((await response).status, 408);
  assert.equal((await response).headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

test('keeps the connection if exactly 64 KiB of an unread body are missing, not one byte more', async (t) => {
  const { connect } = await serve(t, (_, response) => response.send(200, plain, 'early'));
  for (const [size, expected] of [
    [64 * 1024, undefined],
    [64 * 1024 + 1, 'close'],
  ] as const) {
    const client = await connect();
    await client.send(requestText('POST /', `Content-Length: ${size}`));
    assert.equal((await client.readResponse()).headers.get('connection'), expected);
  }
});

test('leaves no deadline when a connection with a paused socket is destroyed', async (t) => {
  const { wheel } = fakeWheel(t);
  const { server, connect } = await serve(
    t,
    async (request) => {
      for await (const _ of request.body) await new Promise<void>(() => {});
    },
    { wheel },
  );
  const client = await connect();
  void client.send(requestText('POST /', 'Content-Length: 1000000') + 'x'.repeat(1_000_000));
  await eventually(() => server.connectionCount === 1);
  await untilStable(() => client.socket.bytesWritten);
  assert.equal(wheel.size, 1, 'the next probe of the paused socket');
  await server.close({ graceMs: 0 });
  assert.equal(wheel.size, 0);
});
