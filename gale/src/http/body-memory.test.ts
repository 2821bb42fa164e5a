import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { GaleError } from '../errors.ts';
import { clientGone } from './abort-reasons.ts';
import { BodyMemory } from './body-memory.ts';
import { RequestBody } from './body.ts';
import { fakeWheel, poll } from '../../test/support/http/fake-wheel.ts';
import { echo, eventually, plain, requestText, serve, type TestServer } from '../../test/support/http/http-server.ts';

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const refusal = 'Request bodies refused: all bodies have reached maxBodyMemoryBytes';

/** Removes the expected warning of a server. */
function expectRefusal({ complaints }: TestServer): Readonly<Record<string, unknown>> {
  const [complaint] = complaints.splice(0);
  assert.equal(complaint?.message, refusal);
  return complaint?.fields ?? {};
}

/** A body of one client, whose source does nothing. */
function bodyOf(memory: BodyMemory, remoteAddress: string, declaredBytes?: number): RequestBody {
  const source = { resumeBody() {}, pauseBody() {}, rejectBody() {}, bodyMemory: memory };
  return new RequestBody(source, declaredBytes, Number.MAX_SAFE_INTEGER, { remoteAddress });
}

/** One step of the property test: what happens to which body. */
const step = fc.record({
  body: fc.nat(7),
  what: fc.constantFrom('push', 'push', 'push', 'finish', 'collect', 'keep', 'drop', 'fail', 'release', 'discard'),
  bytes: fc.integer({ min: 1, max: 700 }),
});

test('counts what bodies hold, never above the limit, and refuses the client that takes the most', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const maxBytes = 1_000;
      const memory = new BodyMemory(maxBytes, quiet);
      const bodies = Array.from({ length: 8 }, (_, index) => bodyOf(memory, `10.0.0.${index % 3}`));
      const ended = bodies.map(() => false);
      const released = bodies.map(() => false);
      const reads: Promise<unknown>[] = [];
      /** What the unfinished bodies of a client hold. */
      const arriving = (client: number): number =>
        bodies.reduce((sum, body, at) => sum + (at % 3 === client && body.isArriving ? body.memoryBytes : 0), 0);
      for (const { body: index, what, bytes } of steps) {
        const body = bodies[index] as RequestBody;
        const client = index % 3;
        const before = bodies.map(({ memoryBytes }) => memoryBytes);
        const shares = [0, 1, 2].map(arriving);
        const own = (shares[client] ?? 0) + (body.isArriving ? 0 : body.memoryBytes) + bytes;
        if (what === 'push' && !ended[index] && !released[index]) body.push(Buffer.alloc(bytes));
        else if (what === 'finish' && !released[index]) {
          ended[index] = true;
          body.finish();
        } else if (what === 'collect') reads.push(body.bytes().catch((error: unknown) => error));
        else if (what === 'keep') {
          try {
            body.keepBytes(bytes);
          } catch (error) {
            assert.match((error as GaleError).code, /^HTTP_(?:BODY_MEMORY|BODY_TOO_LARGE|CLIENT_GONE)$/);
          }
        } else if (what === 'drop') body.dropBytes(bytes);
        else if (what === 'fail') body.fail(clientGone());
        else if (what === 'release') {
          released[index] = true;
          body.release();
        } else if (what === 'discard') body.discardUnread();
        const sum = bodies.reduce((total, { memoryBytes }) => total + memoryBytes, 0);
        assert.equal(memory.usedBytes, sum);
        assert.ok(sum <= maxBytes, `${sum} bytes`);
        if (released[index]) assert.equal(body.memoryBytes, 0);
        for (const [other, { memoryBytes }] of bodies.entries()) {
          if (other === index || memoryBytes >= (before[other] ?? 0)) continue;
          assert.notEqual(other % 3, client, 'no body of the same client gives its memory up');
          assert.ok((shares[other % 3] ?? 0) > own, 'the other client takes more');
        }
      }
      for (const body of bodies) {
        body.fail(clientGone());
        body.release();
      }
      assert.deepEqual([memory.usedBytes, memory.clientCount], [0, 0]);
      await Promise.all(reads);
    }),
    { numRuns: 500 },
  );
});

test('a request of another client gets the memory of the client that takes the most, the largest body first', async () => {
  const memory = new BodyMemory(1_000, quiet);
  const hold = (address: string, bytes: number): RequestBody => {
    const body = bodyOf(memory, address);
    body.push(Buffer.alloc(bytes));
    return body;
  };
  const bodies = [hold('10.0.0.1', 200), hold('10.0.0.1', 500), hold('10.0.0.1', 300)];
  const other = hold('2001:db8::1', 400);
  assert.deepEqual(
    [...bodies, other].map(({ memoryBytes }) => memoryBytes),
    [200, 0, 300, 400],
  );
  await assert.rejects((bodies[1] as RequestBody).bytes(), { code: 'HTTP_BODY_MEMORY', status: 503 });
  // 300 bytes would have to go, and then the other client would have more: it is refused, and nobody loses anything.
  const greedy = hold('2001:db8:0:0::2', 400);
  assert.deepEqual(
    [...bodies, other, greedy].map(({ memoryBytes }) => memoryBytes),
    [200, 0, 300, 400, 0],
  );
  // What has arrived belongs to its handler.
  (bodies[2] as RequestBody).finish();
  (bodies[0] as RequestBody).finish();
  other.finish();
  assert.equal(hold('10.0.0.3', 101).memoryBytes, 0);
  assert.equal(hold('10.0.0.3', 100).memoryBytes, 100);
});

test('200 clients at once: the bodies in memory stay under the limit, refused clients get 503, the others go on', async (t) => {
  const limit = 4 * 1024 * 1024;
  const { promise: mayRespond, resolve: respond } = Promise.withResolvers<void>();
  let peak = 0;
  let waiting = 0;
  const served = await serve(
    t,
    async (request, response) => {
      const { length } = await request.body.bytes();
      waiting++;
      peak = Math.max(peak, served.server.bodyMemoryBytes);
      await mayRespond;
      response.send(200, plain, String(length));
    },
    { maxBodyMemoryBytes: limit },
  );
  const size = 100_000;
  let refused = 0;
  const clients = await Promise.all(Array.from({ length: 200 }, () => served.connect()));
  const responses = clients.map(async (client) => {
    void client.send(requestText('POST /', `Content-Length: ${size}`) + 'x'.repeat(size));
    const response = await client.readResponse();
    if (response.status === 503) refused++;
    return response;
  });
  await eventually(() => waiting + refused === 200);
  assert.ok(peak > limit / 2 && peak <= limit, `${peak} bytes`);
  respond();
  const statuses = new Map<number, number>();
  for (const { status, headers, body } of await Promise.all(responses)) {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 200) assert.equal(body, String(size));
    else {
      assert.equal(headers.get('retry-after'), '5');
      assert.equal(headers.get('connection'), 'close');
      assert.match(body, /no memory left for the body of this request; send it again later/);
    }
  }
  assert.deepEqual([...statuses.keys()].toSorted(), [200, 503]);
  assert.ok((statuses.get(200) ?? 0) >= 20, `${statuses.get(200)} responses`);
  assert.equal(served.server.bodyMemoryBytes, 0);
  // One line for all of them.
  assert.equal(served.complaints.length, 1);
  assert.equal(expectRefusal(served)['maxBodyMemoryBytes'], limit);
  const client = await served.connect();
  await client.send(`${requestText('POST /', 'Content-Length: 3')}abc`);
  assert.equal((await client.readResponse()).body, '3');
  // The rest of the refusals is logged when the server closes.
  await served.server.close({ graceMs: 0 });
  assert.equal(expectRefusal(served)['count'], refused - 1);
});

test('a client that holds all memory and sends nothing more gives it to another client at once', async (t) => {
  const served = await serve(t, echo, { maxBodyMemoryBytes: 1_000_000, requestTimeoutMs: 0, bodyTimeoutMs: 0 });
  const { server, port } = served;
  const idle = await served.connect();
  void idle.send(requestText('POST /', 'Content-Length: 1000000') + 'x'.repeat(990_000));
  await eventually(() => server.bodyMemoryBytes === 990_000);
  const visitor = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  t.after(() => visitor.destroy());
  visitor.setEncoding('latin1').write(requestText('POST /', 'Content-Length: 50000') + 'y'.repeat(50_000));
  assert.match(String((await once(visitor, 'data'))[0]), /^HTTP\/1\.1 200 OK\r\n/);
  assert.equal((await idle.readResponse()).status, 503);
  assert.equal(expectRefusal(served)['remoteAddress'], '127.0.0.1');
});

test('a client that holds all memory and sends nothing more loses it after bodyTimeoutMs', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const served = await serve(t, echo, { wheel, maxBodyMemoryBytes: 1_000_000, bodyTimeoutMs: 30_000 });
  const idle = await served.connect();
  void idle.send(requestText('POST /', 'Content-Length: 1000000') + 'x'.repeat(990_000));
  await eventually(() => served.server.bodyMemoryBytes === 990_000);
  const same = await served.connect();
  void same.send(requestText('POST /', 'Content-Length: 50000') + 'y'.repeat(50_000));
  assert.equal((await same.readResponse()).status, 503);
  expectRefusal(served);
  const response = idle.readResponse();
  await poll(() => pass(5_000), response);
  assert.equal((await response).status, 408);
  await eventually(() => served.server.bodyMemoryBytes === 0);
});

test('counts bytes that have arrived, not the declared length, and refuses a body that can never fit with 413', async (t) => {
  const { server, connect: open } = await serve(
    t,
    async (request, response) => {
      if (request.path === '/stream') {
        let length = 0;
        for await (const part of request.body) length += part.length;
        return response.send(200, plain, String(length));
      }
      return echo(request, response);
    },
    { maxBodyMemoryBytes: 65_536 },
  );
  const declared = await open();
  await declared.send(`${requestText('POST /', 'Content-Length: 65536')}x`);
  await eventually(() => server.bodyMemoryBytes === 1);
  declared.socket.destroy();
  await eventually(() => server.bodyMemoryBytes === 0);
  const large = await open();
  await large.send(`${requestText('POST /', 'Content-Length: 65537')}x`);
  const { status, body } = await large.readResponse();
  assert.deepEqual([status, /over the limit of 65536 bytes; send less/.test(body)], [413, true]);
  const chunked = await open();
  const chunk = `8000\r\n${'x'.repeat(0x80_00)}\r\n`;
  void chunked.send(requestText('POST /', 'Transfer-Encoding: chunked') + chunk.repeat(3));
  assert.equal((await chunked.readResponse()).status, 413);
  const stream = await open();
  void stream.send(requestText('POST /stream', 'Content-Length: 5000000') + 'x'.repeat(5_000_000));
  assert.equal((await stream.readResponse()).body, '5000000');
});

test('gives the bytes back in every way in which a request ends', async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const served = await serve(
    t,
    async (request, response) => {
      const { path, body } = request;
      if (path === '/unread') return response.send(200, plain, path);
      if (path === '/early') {
        for await (const part of body) return response.send(200, plain, String(part.length > 0));
      }
      if (path === '/started') {
        response.start(200, plain);
        await response.write('part');
      }
      const bytes = await body.bytes();
      if (path === '/throws') throw new Error('A handler that fails');
      if (path === '/destroys') return response.destroy();
      if (path === '/waits') await once(request.signal, 'abort');
      if (response.headSent) return void response.end();
      response.send(200, plain, String(bytes.length));
    },
    { wheel, maxBodyBytes: 200_000 },
  );
  const { server } = served;
  const isFree = (): Promise<void> => eventually(() => server.bodyMemoryBytes === 0);
  for (const path of ['/unread', '/early', '/started', '/throws', '/destroys', '/waits', '/']) {
    for (const [size, sent] of [
      [100_000, 100_000],
      [100_000, 70_000],
      [300_000, 210_000],
      [5, 5],
    ] as const) {
      const client = await served.connect();
      void client.send(requestText(`POST ${path}`, `Content-Length: ${size}`) + 'x'.repeat(sent));
      await eventually(
        () => server.bodyMemoryBytes > 0 || client.received !== '' || client.ended || served.complaints.length > 0,
      );
      client.socket.destroy();
      await isFree();
    }
  }
  // Malformed, over the limit and too slow.
  for (const text of ['zz\r\n', `40000\r\n${'x'.repeat(0x4_00_00)}\r\n`]) {
    const client = await served.connect();
    void client.send(`${requestText('POST /', 'Transfer-Encoding: chunked')}3\r\nabc\r\n${text}`);
    assert.ok((await client.readResponse()).status >= 400);
    await isFree();
  }
  const slow = await served.connect();
  await slow.send(`${requestText('POST /', 'Content-Length: 10')}abc`);
  await eventually(() => server.bodyMemoryBytes === 3);
  const response = slow.readResponse();
  await poll(() => pass(5_000), response);
  await isFree();
  // A request to upgrade has no body, and its connection counts nothing.
  const many = await served.connect();
  for (let turn = 0; turn < 20; turn++) await many.send(`${requestText('POST /', 'Content-Length: 3')}abc`);
  for (let turn = 0; turn < 20; turn++) assert.equal((await many.readResponse()).body, '3');
  await isFree();
  assert.ok(served.complaints.splice(0).every(({ message }) => message === 'Request listener failed'));
});
