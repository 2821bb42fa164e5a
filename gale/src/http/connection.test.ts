import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { test } from 'node:test';
import { pino } from 'pino';
import { HttpConnection } from './connection.ts';
import type { ConnectionHost } from './connection.ts';
import { HeadCaches } from './protocol/request-head.ts';
import type { HttpRequest } from './request.ts';
import type { HttpResponse } from './response.ts';
import { settingsFrom } from './options/server-options.ts';
import { eventually, RawClient, requestText, serve, standstill } from '../../test/support/http/http-server.ts';
import { TimerWheel } from './timing/timer-wheel.ts';

const plain = [['Content-Type', 'text/plain']] as const;

/** Answers with method, target and the length of the body. */
async function echo(request: HttpRequest, response: HttpResponse): Promise<void> {
  const body = await request.body.bytes();
  response.send(200, plain, `${request.method} ${request.target} ${body.length}`);
}

/** A wheel on a clock of the test's own. */
function fakeWheel(t: { after(end: () => void): void }): { wheel: TimerWheel; pass(ms: number): void } {
  let now = 0;
  const wheel = new TimerWheel({ now: () => now });
  t.after(() => wheel.stop());
  return {
    wheel,
    pass(ms) {
      now += ms;
      wheel.advance();
    },
  };
}

test('a connection is kept for the next request', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  for (let round = 0; round < 3; round++) {
    await client.send(requestText(`GET /${round}`));
    const { status, body, headers } = await client.answer();
    assert.equal(status, 200);
    assert.equal(body, `GET /${round} 0`);
    assert.equal(headers.has('connection'), false);
  }
});

test('Connection: close, anywhere in its list, closes behind the answer', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  await client.send(requestText('GET /', 'Connection: x, Close'));
  const { headers } = await client.answer();
  assert.equal(headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

test('nothing behind a request with Connection: close is answered', async (t) => {
  const targets: string[] = [];
  const { connect } = await serve(t, (request, response) => {
    targets.push(request.target);
    response.send(200, plain, 'x');
  });
  const client = await connect();
  await client.send(requestText('GET /1', 'Connection: close') + requestText('GET /2'));
  await client.answer();
  assert.equal(await client.rest(), '');
  assert.deepEqual(targets, ['/1']);
});

test('HTTP/1.0 closes by default and is kept with Connection: keep-alive, which the answer repeats', async (t) => {
  const { connect } = await serve(t, echo);
  const kept = await connect();
  for (let round = 0; round < 2; round++) {
    await kept.send('GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n');
    assert.equal((await kept.answer()).headers.get('connection'), 'keep-alive');
  }
  const closed = await connect();
  await closed.send('GET / HTTP/1.0\r\n\r\n');
  assert.equal((await closed.answer()).headers.get('connection'), 'close');
  assert.equal(await closed.rest(), '');
});

test('pipelined requests are answered in order, one at a time, however long each takes', async (t) => {
  let running = 0;
  const { connect } = await serve(t, async (request, response) => {
    running++;
    assert.equal(running, 1, 'one at a time');
    const body = await request.body.bytes();
    if (request.target !== '/1') for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    running--;
    response.send(200, plain, `${request.target} ${body}`);
  });
  const client = await connect();
  const text =
    requestText('GET /0') +
    requestText('GET /1') +
    `${requestText('POST /2', 'Content-Length: 3')}abc` +
    `${requestText('POST /3', 'Transfer-Encoding: chunked')}2\r\nde\r\n0\r\n\r\n` +
    requestText('GET /4');
  await client.send(text);
  for (const expected of ['/0 ', '/1 ', '/2 abc', '/3 de', '/4 ']) assert.equal((await client.answer()).body, expected);
  for (const character of text) client.socket.write(character);
  for (const expected of ['/0 ', '/1 ', '/2 abc', '/3 de', '/4 ']) assert.equal((await client.answer()).body, expected);
});

test('while 16 requests wait for their answer, nothing more is read', async (t) => {
  const wheel = new TimerWheel();
  let waiting: HttpResponse | undefined;
  let socket: Socket | undefined;
  const host: ConnectionHost = {
    listener: (request, response) => {
      if (request.path === '/0') waiting = response;
      else response.send(200, plain, request.path);
    },
    settings: settingsFrom({}),
    log: { debug() {}, info() {}, warn() {}, error() {} },
    access: undefined,
    wheel,
    headCaches: new HeadCaches(),
    isClosing: false,
    isFinishing: false,
    idleMs: 0,
    onConnectionClosed() {},
    onUpgraded() {},
    attach() {},
  };
  // The connection alone, on a socket that can be looked at.
  const server = createServer({ allowHalfOpen: true }, (accepted) => {
    socket = accepted;
    void new HttpConnection(host, accepted);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new RawClient((server.address() as AddressInfo).port);
  t.after(() => {
    client.socket.destroy();
    server.close();
    wheel.stop();
  });
  const bytesRead = (): number => socket?.bytesRead ?? 0;
  let sent = 0;
  const send = async (from: number, to: number): Promise<void> => {
    const text = Array.from({ length: to - from }, (_, index) => requestText(`GET /${from + index}`)).join('');
    await client.send(text);
    sent += text.length;
    await eventually(() => bytesRead() === sent);
  };
  await send(0, 15);
  assert.equal(socket?.isPaused(), false);
  await send(15, 16);
  await eventually(() => socket?.isPaused() === true);
  waiting?.send(200, plain, '/0');
  for (let index = 0; index < 16; index++) assert.equal((await client.answer()).body, `/${index}`);
  assert.equal(socket.isPaused(), false);
  await send(16, 17);
  assert.equal((await client.answer()).body, '/16');
});

test('answers of many connections at once do not mix', async (t) => {
  const waiting: (() => void)[] = [];
  const { connect } = await serve(t, (request, response) => {
    const body = request.path.repeat(request.path.length * 40);
    const size = Number(request.query);
    if (request.method === 'PUT') {
      // All that wait are answered from within this one, some whole and some in parts.
      for (const answer of waiting.splice(0)) answer();
      return response.send(200, plain, body);
    }
    waiting.push(() => {
      if (size % 2 === 0) return response.send(200, plain, body);
      response.start(200, plain);
      void response.write(body.slice(0, size));
      void response.write(Buffer.from(body.slice(size)));
      void response.end();
    });
  });
  const clients = await Promise.all(Array.from({ length: 20 }, connect));
  for (let round = 0; round < 5; round++) {
    const last = clients.length - 1;
    await Promise.all(
      clients
        .slice(0, last)
        .map((client, index) => client.send(requestText(`GET /${'x'.repeat(index)}${index}?${index}`))),
    );
    await eventually(() => waiting.length === last);
    await clients[last]?.send(requestText('PUT /last'));
    for (const [index, client] of clients.entries()) {
      const path = index === last ? '/last' : `/${'x'.repeat(index)}${index}`;
      assert.equal((await client.answer()).body, path.repeat(path.length * 40));
    }
  }
});

test('answers to requests that came together leave in one write', async (t) => {
  const { connect } = await serve(t, (request, response) => response.send(200, plain, request.target));
  const client = await connect();
  const reads: string[] = [];
  client.socket.on('data', (text: string) => reads.push(text));
  await client.send(Array.from({ length: 16 }, (_, index) => requestText(`GET /${index}`)).join(''));
  for (let index = 0; index < 16; index++) assert.equal((await client.answer()).body, `/${index}`);
  assert.equal(reads.length, 1);
});

test('a client that sends requests and takes no answers is not served without end', async (t) => {
  let answered = 0;
  const body = 'x'.repeat(500_000);
  const { connect } = await serve(t, (_, response) => {
    answered++;
    response.send(200, plain, body);
  });
  const client = await connect();
  client.socket.pause();
  // All of them come in one read.
  const count = 400;
  void client.send(requestText('GET /').repeat(count));
  // What the kernel's buffers hold is taken, then no more is begun.
  await standstill(() => answered);
  assert.ok(answered < count / 2, `${answered} of ${count} answered with nobody reading`);
  client.socket.resume();
  for (let index = 0; index < count; index++) assert.equal((await client.answer()).body.length, body.length);
  assert.equal(answered, count);
});

test('small answers that a slow client takes late are what they were, whatever others got meanwhile', async (t) => {
  let answered = 0;
  const { connect } = await serve(t, (request, response) => {
    answered++;
    response.send(200, plain, request.path.repeat(2_000));
  });
  const slow = await connect();
  slow.socket.pause();
  const paths = Array.from({ length: 1_000 }, (_, index) => `/slow${index}`);
  // One after the other, so that each answer is a write of its own.
  for (const path of paths) {
    await slow.send(requestText(`GET ${path}`));
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
  }
  assert.ok(answered < paths.length, 'the slow client is not served to the end');
  const other = await connect();
  for (let index = 0; index < 20; index++) {
    await other.send(requestText(`GET /other${index}`));
    assert.equal((await other.answer()).body, `/other${index}`.repeat(2_000));
  }
  slow.socket.resume();
  for (const path of paths) assert.equal((await slow.answer()).body, path.repeat(2_000));
});

test('malformed requests are answered with their status in plain words and the connection closes', async (t) => {
  let count = 0;
  const { connect } = await serve(
    t,
    (_, response) => {
      count++;
      response.send(200, plain, 'ok');
    },
    { maxHeadBytes: 1024, maxRequestLineBytes: 128, maxHeaderCount: 10 },
  );
  const cases: readonly [string, number][] = [
    ['GET /\r\n\r\n', 400],
    [requestText('GET /', 'A : b'), 400],
    [requestText('GET /', 'Host: b'), 400],
    [requestText('POST /', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
    [requestText('POST /', 'Transfer-Encoding: gzip'), 501],
    [requestText(`GET /${'a'.repeat(200)}`), 414],
    [requestText('GET /', `A: ${'a'.repeat(1_000)}`), 431],
    [requestText('GET /', ...Array.from({ length: 10 }, (_, index) => `A${index}: b`)), 431],
    [requestText('GET /', 'Expect: a miracle'), 417],
    ['GET / HTTP/3.0\r\n\r\n', 505],
  ];
  for (const [text, status] of cases) {
    const client = await connect();
    await client.send(`${text}${requestText('GET /behind')}`);
    const answer = await client.answer();
    assert.equal(answer.status, status, text);
    assert.equal(answer.headers.get('connection'), 'close');
    assert.match(answer.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(answer.body, /^[A-Z][^\n]+\.\n$/);
    assert.ok(answer.headers.has('date'));
    assert.equal(await client.rest(), '');
  }
  assert.equal(count, 0, 'no listener saw any of it');
});

test('a good request in front of a malformed one is answered first', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  await client.send(`${requestText('GET /good')}BAD\r\n\r\n`);
  assert.equal((await client.answer()).body, 'GET /good 0');
  assert.equal((await client.answer()).status, 400);
  assert.equal(await client.rest(), '');
});

test('a body that breaks a rule fails its reader, who answers, and the connection closes', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  await client.send(`${requestText('POST /', 'Transfer-Encoding: chunked')}zz\r\n${requestText('GET /behind')}`);
  const answer = await client.answer();
  assert.equal(answer.status, 400);
  assert.match(answer.body, /chunked/);
  assert.equal(answer.headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

test('a listener that throws or rejects is logged and answered 500 without its message, and the server lives on', async (t) => {
  const { connect, complaints } = await serve(t, (request) => {
    if (request.path === '/throw') throw new Error('secret');
    return Promise.reject(new Error('secret'));
  });
  const client = await connect();
  for (const path of ['/throw', '/reject', '/throw']) {
    await client.send(requestText(`GET ${path}`));
    const { status, body } = await client.answer();
    assert.equal(status, 500);
    assert.equal(body, 'Internal Server Error.\n');
  }
  assert.equal(complaints.length, 3);
  assert.match(String(complaints[0]?.fields['err']), /secret/);
  complaints.length = 0;
});

/** What cannot be logged, or not even be looked at. */
function oddities(): unknown[] {
  const itself = new AggregateError([]);
  itself.errors.push(itself);
  let deep = new Error('the first');
  for (let depth = 0; depth < 20_000; depth++) deep = new Error('the next', { cause: deep });
  const touchy = Object.defineProperty(new Error('touchy'), 'detail', {
    enumerable: true,
    get() {
      throw new Error('not to be read');
    },
  });
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  return [itself, deep, touchy, revoked, undefined, null, Symbol('odd'), 1n];
}

test('whatever a listener throws is answered 500, also what no logger can write down', async (t) => {
  const lines: string[] = [];
  const thrown = oddities();
  const { connect } = await serve(
    t,
    (request) => {
      const odd = thrown[Number(request.query)];
      if (request.path === '/throw') throw odd;
      return Promise.reject(odd);
    },
    { log: pino({ level: 'warn' }, { write: (line) => void lines.push(line) }) },
  );
  const client = await connect();
  for (const index of thrown.keys()) {
    for (const path of ['/throw', '/reject']) {
      await client.send(requestText(`GET ${path}?${index}`));
      assert.equal((await client.answer()).status, 500);
    }
  }
  assert.equal(lines.length, 2 * thrown.length);
});

test('an error behind the head cuts the connection, so that the answer does not look complete', async (t) => {
  const { connect, complaints } = await serve(t, async (_, response) => {
    response.start(200, plain);
    await response.write('half');
    throw new Error('broken');
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  assert.equal(await client.closed, true, 'the connection is reset');
  assert.ok(!client.received.endsWith('0\r\n\r\n'));
  assert.equal(complaints.length, 1);
  complaints.length = 0;
});

test('100 Continue is sent when the handler starts to read, and not before', async (t) => {
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
  assert.equal((await client.answer()).body, 'POST / 3');
  await client.send(requestText('GET /again'));
  assert.equal((await client.answer()).body, 'GET /again 0');
});

test('without reading, an expecting client gets its final answer and the connection closes', async (t) => {
  const { connect } = await serve(t, (_, response) => response.send(403, plain, 'no'));
  const client = await connect();
  await client.send(requestText('POST /', 'Content-Length: 3', 'Expect: 100-continue'));
  const answer = await client.answer();
  assert.equal(answer.status, 403);
  assert.equal(answer.headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

test('100 Continue is not sent to a client that did not wait for it', async (t) => {
  const { connect } = await serve(t, echo);
  const client = await connect();
  await client.send(`${requestText('POST /', 'Content-Length: 3', 'Expect: 100-continue')}abc`);
  const answer = await client.answer();
  assert.equal(answer.status, 200);
  assert.equal(answer.body, 'POST / 3');
});

test('a small unread body is dropped and the connection goes on behind it', async (t) => {
  const { connect } = await serve(t, (request, response) => response.send(200, plain, request.target));
  const client = await connect();
  await client.send(requestText('POST /1', 'Content-Length: 10'));
  const answer = await client.answer();
  assert.equal(answer.headers.has('connection'), false);
  await client.send(`GET / HTTP${requestText('GET /2')}`);
  assert.equal((await client.answer()).body, '/2');
});

test('a large unread body closes the connection behind the answer, which the client gets', async (t) => {
  const { connect } = await serve(t, (_, response) => response.send(413, plain, 'too much'));
  for (const headers of [['Content-Length: 3000000'], ['Transfer-Encoding: chunked']]) {
    const client = await connect();
    client.socket.write(requestText('POST /', ...headers));
    for (let part = 0; part < 3; part++)
      client.socket.write(`${(1_000_000).toString(16)}\r\n${'x'.repeat(1_000_000)}\r\n`);
    const answer = await client.answer();
    assert.equal(answer.body, 'too much');
    assert.equal(answer.headers.get('connection'), 'close');
    assert.equal(await client.rest(), '');
  }
});

test('a client that does not close after the last answer is cut after a while', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { connect, server } = await serve(t, echo, { wheel });
  const client = await connect();
  await client.send(requestText('GET /', 'Connection: close'));
  await client.answer();
  assert.equal(await client.rest(), '');
  await client.send('more');
  assert.equal(server.connectionCount, 1);
  await poll(
    () => pass(500),
    eventually(() => server.connectionCount === 0),
  );
});

test('a client that goes on sending after it was refused is cut', async (t) => {
  const { wheel } = fakeWheel(t);
  const { connect, server } = await serve(t, echo, { wheel });
  const client = await connect();
  await client.send('BAD\r\n\r\n');
  assert.equal((await client.answer()).status, 400);
  const more = 'x'.repeat(1024 * 1024);
  for (let part = 0; part < 40; part++) client.socket.write(more);
  await eventually(() => server.connectionCount === 0);
});

test('a client that ends its side after the request still gets the answers, then the end', async (t) => {
  const { connect } = await serve(t, async (request, response) => {
    await new Promise(setImmediate);
    response.send(200, plain, request.target);
  });
  const client = await connect();
  client.socket.end(requestText('GET /1') + requestText('GET /2'), 'latin1');
  assert.equal((await client.answer()).body, '/1');
  const { body, headers } = await client.answer();
  assert.equal(body, '/2');
  assert.equal(headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

test('a client that leaves aborts the signal and fails what its handler waits for', async (t) => {
  const seen: string[] = [];
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const { connect } = await serve(t, async (request, response) => {
    const { signal } = request;
    assert.equal(signal.aborted, false);
    const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await request.body.bytes().catch((error: { code: string }) => seen.push(error.code));
    await aborted;
    seen.push((signal.reason as { code: string }).code);
    response.send(200, plain, 'nobody hears');
    await response.write('x').catch((error: { code: string }) => seen.push(error.code));
    resolve();
  });
  const client = await connect();
  await client.send(`${requestText('POST /', 'Content-Length: 10')}abc`);
  client.socket.resetAndDestroy();
  await done;
  assert.deepEqual(seen, ['HTTP_CLIENT_GONE', 'HTTP_CLIENT_GONE', 'HTTP_RESPONSE_STATE']);
});

test('a signal asked for after the client left is aborted, one of an answered request never is', async (t) => {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>();
  const { promise: checked, resolve: check } = Promise.withResolvers<boolean>();
  const answered: HttpRequest[] = [];
  const { connect, server } = await serve(t, async (request, response) => {
    if (request.path === '/answered') {
      answered.push(request);
      return response.send(200, plain, 'x');
    }
    await left;
    check(request.signal.aborted);
  });
  const client = await connect();
  await client.send(requestText('GET /answered'));
  await client.answer();
  const early = answered[0]?.signal;
  await client.send(requestText('GET /left'));
  client.socket.resetAndDestroy();
  await eventually(() => server.connectionCount <= 0);
  leave();
  assert.equal(await checked, true);
  assert.equal(early?.aborted, false);
});

test('a half-closed client that takes too long to answer counts as gone', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const { connect } = await serve(
    t,
    (request) => {
      request.signal.addEventListener('abort', () => resolve());
    },
    { wheel, halfClosedTimeoutMs: 2_000 },
  );
  const client = await connect();
  client.socket.end(requestText('GET /'), 'latin1');
  await poll(() => pass(500), aborted);
  await client.closed;
});

test('a head that does not come in time is answered 408, counted from its first byte', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { connect } = await serve(t, echo, { wheel, headTimeoutMs: 10_000, idleTimeoutMs: 75_000 });
  const client = await connect();
  const text = requestText('GET /', 'A: b');
  let sent = 0;
  const answer = client.answer();
  await poll(() => {
    // A byte each second, as a slow head does; twenty seconds would not be enough for all.
    if (sent < text.length - 1) client.socket.write(text[sent++] as string);
    pass(1_000);
  }, answer);
  assert.ok(sent < text.length - 1, `after ${sent} bytes`);
  assert.equal((await answer).status, 408);
  assert.equal(await client.rest(), '');
});

test('an idle connection is closed without a word', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { connect } = await serve(t, echo, { wheel, idleTimeoutMs: 75_000 });
  const silent = await connect();
  const used = await connect();
  await used.send(requestText('GET /'));
  await used.answer();
  pass(74_000);
  await used.send(requestText('GET /'));
  await used.answer();
  pass(3_000);
  assert.equal(await silent.rest(), '');
  await used.send(requestText('GET /'));
  await used.answer();
  pass(77_000);
  assert.equal(await used.rest(), '');
});

test('once a body is complete, its handler may take its time', async (t) => {
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
  await standstill(() => client.received.length);
  await client.send('b');
  await eventually(() => finish !== undefined);
  for (let minute = 0; minute < 10; minute++) pass(60_000);
  finish?.();
  const { body, headers } = await client.answer();
  assert.deepEqual([body, headers.has('connection')], ['ab', false]);
});

test('a body that stops coming fails its reader with 408', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const { connect } = await serve(t, echo, { wheel, bodyTimeoutMs: 30_000 });
  const client = await connect();
  await client.send(`${requestText('POST /', 'Content-Length: 10')}abc`);
  const answer = client.answer();
  await poll(() => pass(5_000), answer);
  assert.equal((await answer).status, 408);
  assert.equal((await answer).headers.get('connection'), 'close');
  assert.equal(await client.rest(), '');
});

for (const isSending of [false, true]) {
  test(`a client that takes nothing of its answer is cut${isSending ? ' even while it sends' : ''}`, async (t) => {
    const { wheel, pass } = fakeWheel(t);
    const { connect, server } = await serve(
      t,
      (_, response) => response.send(200, plain, Buffer.alloc(32 * 1024 * 1024)),
      { wheel, writeTimeoutMs: 30_000 },
    );
    const client = await connect();
    client.socket.pause();
    await client.send(requestText('GET /'));
    await standstill(() => client.socket.bytesRead);
    const gone = eventually(() => server.connectionCount === 0);
    await poll(() => {
      if (isSending) client.socket.write('G');
      pass(1_000);
    }, gone);
  });
}

test('a client that takes nothing of a stream is cut even while more is written to it', async (t) => {
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
  await standstill(() => responses.length + client.socket.bytesRead);
  const gone = eventually(() => server.connectionCount === 0);
  await poll(() => {
    void responses[0]?.write('more');
    pass(1_000);
  }, gone);
});

test('a client that takes its answer slowly but steadily gets all of it', async (t) => {
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
    // Far longer than the timeout altogether.
    if (++reads % 20 === 0) pass(5_000);
  });
  assert.equal((await client.answer()).body.length, size);
  assert.ok(reads > 200);
});

test('upgrade hands over the socket and the bytes behind the request', async (t) => {
  const { connect, server } = await serve(t, async (request) => {
    await new Promise(setImmediate);
    const { socket, head, wheel } = request.upgrade();
    assert.equal(wheel, server.wheel);
    assert.throws(() => request.upgrade(), { code: 'HTTP_UPGRADE' });
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n\r\n${head.toString('latin1')}`, 'latin1');
    socket.on('data', (bytes) => socket.write(bytes));
  });
  const client = await connect();
  await client.send(`${requestText('GET /', 'Upgrade: x', 'Connection: upgrade')}behind`);
  assert.equal((await client.answer()).status, 101);
  await client.until((received) => received === 'behind');
  client.take(6);
  await client.send(requestText('GET /'));
  await client.until((received) => received === requestText('GET /'));
  assert.equal(server.connectionCount, 1);
  client.socket.end();
  await client.closed;
  await eventually(() => server.connectionCount <= 0);
});

test('answers in front of an upgrade leave before anything the taker writes', async (t) => {
  const { connect } = await serve(t, (request, response) => {
    if (request.path !== '/upgrade') return response.send(200, plain, request.path);
    const { socket } = request.upgrade();
    socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n');
    socket.on('data', () => {});
  });
  const client = await connect();
  await client.send(requestText('GET /1') + requestText('GET /2') + requestText('GET /upgrade'));
  assert.equal((await client.answer()).body, '/1');
  assert.equal((await client.answer()).body, '/2');
  assert.equal((await client.answer()).status, 101);
});

test('upgrade with much already sent behind the request loses nothing', async (t) => {
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

test('a request with a body or an answer is not upgraded', async (t) => {
  const codes: string[] = [];
  const { connect } = await serve(t, (request, response) => {
    if (request.path === '/answered') response.send(200, plain, 'x');
    try {
      request.upgrade();
    } catch (error) {
      codes.push((error as { code: string }).code);
    }
    if (!response.finished) response.send(200, plain, 'x');
  });
  const client = await connect();
  await client.send(`${requestText('POST /body', 'Content-Length: 1')}x${requestText('GET /answered')}`);
  await client.answer();
  await client.answer();
  assert.deepEqual(codes, ['HTTP_UPGRADE', 'HTTP_UPGRADE']);
});

/** Repeats `step` in turns of its own until `done` settles. */
async function poll(step: () => void, done: Promise<unknown>): Promise<void> {
  const state = { isDone: false };
  void done.then(() => (state.isDone = true));
  while (!state.isDone) {
    step();
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
  }
}

test('destroying an answer that is complete leaves the next request alone', async (t) => {
  let first: HttpResponse | undefined;
  let second: HttpResponse | undefined;
  const { connect } = await serve(t, (request, response) => {
    if (request.path === '/1') {
      first = response;
      response.send(200, plain, '1');
    } else {
      second = response;
    }
  });
  const client = await connect();
  await client.send(requestText('GET /1') + requestText('GET /2'));
  assert.equal((await client.answer()).body, '1');
  await eventually(() => second !== undefined);
  first?.destroy();
  second?.send(200, plain, '2');
  assert.equal((await client.answer()).body, '2');
});

test('a half-closed client that waits for its second answer counts as gone in its time', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  let waiting: HttpRequest | undefined;
  const { connect } = await serve(
    t,
    (request, response) => {
      if (request.path === '/1') response.send(200, plain, '1');
      else waiting = request;
    },
    { wheel, halfClosedTimeoutMs: 2_000 },
  );
  const client = await connect();
  client.socket.end(requestText('GET /1') + requestText('GET /2'));
  assert.equal((await client.answer()).body, '1');
  await eventually(() => waiting !== undefined);
  const isGone = (): boolean => waiting?.signal.aborted === true;
  for (let second = 0; second < 10 && !isGone(); second++) {
    pass(1_000);
    await standstill(() => client.received.length);
  }
  assert.ok(isGone());
});

test('an answer begun before the server stops is followed by one more on its connection', async (t) => {
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
  // Whoever is idle has been told when this ends, so the server is no longer waiting for requests on their way.
  await silent.rest();
  end?.();
  await client.answer();
  await client.send(requestText('GET /next'));
  const { body, headers } = await client.answer();
  assert.deepEqual([body, headers.get('connection')], ['the last', 'close']);
  for (const each of [client, silent]) each.socket.end();
  await closed;
});
