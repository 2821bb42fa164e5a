import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { RequestHandler } from './handler.ts';
import { Finish, HttpError } from './http-error.ts';
import { serve } from '../../test/support/web/web-server.ts';

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Opens a connection that closes with the test. */
function open(t: TestContext, port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  t.after(() => socket.destroy());
  return socket;
}

/** A head that closes the connection after the response. */
function head(method: string, path: string, ...lines: readonly string[]): string {
  return `${[`${method} ${path} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines].join('\r\n')}\r\n\r\n`;
}

/** Waits until a growing number has not changed for a quarter of a second, or has reached `end`. */
async function standstill(count: () => number, end: number): Promise<number> {
  let last = -1;
  for (let same = 0; same < 25 && last < end; same++) {
    if (count() !== last) same = 0;
    last = count();
    await delay(10);
  }
  return last;
}

/** Counts the bytes of the body. */
class Counting extends RequestHandler {
  received: Buffer[] = [];
  override onData(chunk: Buffer): void | Promise<void> {
    this.received.push(chunk);
  }
  post(): void {
    this.write(Buffer.concat(this.received));
  }
}

test('passes the body in parts between prepare and the verb, one at a time', async (t) => {
  const steps: string[] = [];
  let isBusy = false;
  class Upload extends RequestHandler {
    override async prepare(): Promise<void> {
      await pause();
      steps.push('prepare');
    }
    override async onData(chunk: Buffer): Promise<void> {
      assert.equal(isBusy, false);
      isBusy = true;
      await pause();
      await pause();
      isBusy = false;
      steps.push(chunk.toString());
    }
    post({ name }: { name: string }): void {
      assert.equal(isBusy, false);
      steps.push(`post ${name}`);
      this.write('taken');
    }
    override onFinish(): void {
      steps.push('onFinish');
    }
  }
  const served = await serve(t, [['/:name', Upload]]);
  const chunks = ['abc', 'de', 'f'].map((text) => `${text.length}\r\n${text}\r\n`).join('');
  const received = await served.raw(`${head('POST', '/a', 'Transfer-Encoding: chunked')}${chunks}0\r\n\r\n`);
  assert.match(received, /^HTTP\/1\.1 200 [^]*\r\n\r\ntaken$/);
  // Small parts that arrive while the handler is busy are joined.
  assert.deepEqual(steps, ['prepare', 'abc', 'def', 'post a', 'onFinish']);
});

test('the connection continues after a body in parts', async (t) => {
  const served = await serve(t, [['/', Counting]]);
  const first = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none';
  const received = await served.raw(`${first}${head('POST', '/', 'Content-Length: 3')}two`);
  assert.deepEqual(received.match(/\r\n\r\n(?:one|two)/g), ['\r\n\r\none', '\r\n\r\ntwo']);
});

test('a request without a body calls its verb directly, for all methods', async (t) => {
  class Any extends Counting {
    get(): void {
      this.post();
    }
  }
  const served = await serve(t, [['/', Any]]);
  for (const method of ['GET', 'POST']) {
    const response = await served.get('/', { method });
    assert.equal(response.status, 200);
    assert.equal(await response.text(), '');
  }
  assert.match(await served.raw(`${head('GET', '/', 'Content-Length: 4')}body`), /\r\n\r\nbody$/);
});

test('a client gets backpressure while a part is handled', { timeout: 30_000 }, async (t) => {
  const total = 64 * 1024 * 1024;
  const gate = Promise.withResolvers<void>();
  let received = 0;
  class Slow extends RequestHandler {
    override async onData(chunk: Buffer): Promise<void> {
      received += chunk.length;
      await gate.promise;
    }
    put(): void {
      this.write(String(received));
    }
  }
  const served = await serve(t, [['/', Slow]]);
  const socket = open(t, served.port);
  socket.write(head('PUT', '/', `Content-Length: ${total}`));
  let sent = 0;
  const pump = (): void => {
    while (sent < total && !socket.writableNeedDrain) {
      socket.write(Buffer.alloc(64 * 1024));
      sent += 64 * 1024;
    }
  };
  socket.on('drain', pump);
  pump();
  assert.ok((await standstill(() => sent, total)) < total / 2, `${sent} bytes were taken`);
  assert.ok(received > 0 && received < 1024 * 1024, `${received} bytes were handed over`);
  gate.resolve();
  let response = '';
  for await (const data of socket.setEncoding('latin1')) response += String(data);
  assert.ok(response.endsWith(`\r\n\r\n${total}`), response);
});

test('prepare sets the limit of the body', async (t) => {
  class Limited extends Counting {
    override prepare(): void {
      const limit = this.getQueryArgument('limit', '');
      if (limit !== '') this.request.body.setMaxBytes(Number(limit));
    }
  }
  const served = await serve(t, [['/', Limited]], { server: { maxBodyBytes: 5 } });
  const post = (path: string, body: string): Promise<Response> => served.get(path, { method: 'POST', body });
  assert.equal((await post('/', '12345')).status, 200);
  assert.equal((await post('/', '123456')).status, 413);
  assert.equal((await post('/?limit=6', '123456')).status, 200);
  assert.equal((await post('/?limit=4', '12345')).status, 413);
  const chunked = await served.raw(
    `${head('POST', '/', 'Transfer-Encoding: chunked')}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`,
  );
  assert.match(chunked, /^HTTP\/1\.1 413 /);
});

test('a request refused before its body gets no 100', async (t) => {
  class Refused extends RequestHandler {
    override prepare(): void {
      const how = this.getQueryArgument('how');
      if (how === 'throw') throw new HttpError(403);
      if (how === 'finish') void this.finish('no, thanks');
    }
    override onData(): void {
      throw new Error('not reached');
    }
    post(): void {
      this.write('not reached');
    }
  }
  const served = await serve(t, [['/', Refused]]);
  const lines = ['Content-Length: 3', 'Expect: 100-continue'];
  assert.match(await served.raw(head('POST', '/?how=throw', ...lines)), /^HTTP\/1\.1 403 /);
  assert.match(await served.raw(head('POST', '/?how=finish', ...lines)), /^HTTP\/1\.1 200 [^]*no, thanks$/);
  assert.match(await served.raw(head('PUT', '/?how=', ...lines)), /^HTTP\/1\.1 405 /);
});

test('a client that expects 100 gets it when the first part is read', async (t) => {
  const served = await serve(t, [['/', Counting]]);
  const socket = open(t, served.port);
  socket.write(head('POST', '/', 'Content-Length: 3', 'Expect: 100-continue'));
  const [told] = (await once(socket, 'data')) as [Buffer];
  assert.equal(told.toString(), 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('abc');
  const [received] = (await once(socket, 'data')) as [Buffer];
  assert.match(received.toString(), /^HTTP\/1\.1 200 [^]*\r\n\r\nabc$/);
});

test('onData receives a form as bytes, and the fields of the form are not arguments', async (t) => {
  class Form extends Counting {
    override post(): void {
      this.write({ data: Buffer.concat(this.received).toString(), a: this.getBodyArgument('a', null) });
    }
  }
  const served = await serve(t, [['/', Form]], { maxFormBytes: 1 });
  const body = new URLSearchParams({ a: 'b' });
  const response = await served.get('/', { method: 'POST', body });
  assert.deepEqual(await response.json(), { data: 'a=b', a: null });
});

test('checks the XSRF token of a header or the query before it reads data', async (t) => {
  class Token extends Counting {
    get(): void {
      this.write(this.xsrfToken);
    }
  }
  const served = await serve(t, [['/', Token]], { xsrfCookies: true });
  const token = await (await served.get('/')).text();
  const lines = ['Content-Length: 3', 'Expect: 100-continue', `Cookie: _xsrf=${token}`];
  assert.match(await served.raw(head('POST', '/', ...lines)), /^HTTP\/1\.1 403 /);
  await served.expectLine(/'_xsrf' argument missing/);
  const headers = { Cookie: `_xsrf=${token}` };
  const inHeader = await served.get('/', {
    method: 'POST',
    body: 'abc',
    headers: { ...headers, 'X-Xsrftoken': token },
  });
  assert.equal(await inHeader.text(), 'abc');
  const inQuery = await served.get(`/?_xsrf=${encodeURIComponent(token)}`, { method: 'POST', body: 'abc', headers });
  assert.equal(await inQuery.text(), 'abc');
});

test('an error in onData becomes an error page, and the rest of the body is discarded', async (t) => {
  let parts = 0;
  class Failing extends RequestHandler {
    override async onData(): Promise<void> {
      parts++;
      await pause();
      const how = this.getQueryArgument('how');
      if (how === 'error') throw new Error('disk full');
      if (how === 'refuse') throw new HttpError(422);
      if (how === 'finish') await this.finish('enough');
      throw new Finish('early');
    }
    post(): void {
      this.write('not reached');
    }
  }
  const served = await serve(t, [['/', Failing]]);
  const upload = (how: string): Promise<string> =>
    served.raw(`${head('POST', `/?how=${how}`, 'Transfer-Encoding: chunked')}3\r\nabc\r\n3\r\ndef\r\n`);
  assert.match(await upload('error'), /^HTTP\/1\.1 500 [^]*500: Internal Server Error/);
  await served.expectLine(/^error: A handler failed \(disk full\)/);
  assert.match(await upload('refuse'), /^HTTP\/1\.1 422 /);
  assert.match(await upload('early'), /^HTTP\/1\.1 200 [^]*\r\n\r\nearly$/);
  assert.match(await upload('finish'), /^HTTP\/1\.1 200 [^]*\r\n\r\nenough$/);
  assert.equal(parts, 4);
});

test('a response finished or started in onData is kept', async (t) => {
  class Echo extends RequestHandler {
    override async onData(chunk: Buffer): Promise<void> {
      this.write(chunk);
      await this.flush();
      if (chunk.toString() === 'stop') await this.finish('ped');
    }
    post(): void {
      this.write('.');
    }
  }
  const served = await serve(t, [['/', Echo]]);
  const send = (...words: readonly string[]): Promise<string> => {
    const chunks = words.map((word) => `${word.length}\r\n${word}\r\n`).join('');
    return served.raw(`${head('POST', '/', 'Transfer-Encoding: chunked')}${chunks}0\r\n\r\n`);
  };
  assert.match(await send('one', 'two'), /\r\n3\r\none\r\n3\r\ntwo\r\n1\r\n\.\r\n0\r\n\r\n$/);
  assert.match(await send('stop', 'two'), /\r\n4\r\nstop\r\n3\r\nped\r\n0\r\n\r\n$/);
});

test('a malformed body gets the status of its error', async (t) => {
  const served = await serve(t, [['/', Counting]]);
  const received = await served.raw(`${head('POST', '/', 'Transfer-Encoding: chunked')}3\r\nabc\r\nnonsense\r\n`);
  assert.match(received, /^HTTP\/1\.1 400 /);
});

test('a client that leaves during its body ends the request without a log line', { timeout: 10_000 }, async (t) => {
  const events: string[] = [];
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  class Upload extends RequestHandler {
    override onData(chunk: Buffer): void {
      events.push(chunk.toString());
      begin();
    }
    override onConnectionClose(): void {
      events.push(`onConnectionClose ${this.signal.aborted}`);
    }
    post(): void {
      events.push('post');
    }
    override onFinish(): void {
      events.push('onFinish');
      end();
    }
  }
  const served = await serve(t, [['/', Upload]]);
  const socket = open(t, served.port);
  socket.write(`${head('POST', '/', 'Content-Length: 9')}abc`);
  await begun;
  socket.destroy();
  await ended;
  assert.deepEqual(events, ['abc', 'onConnectionClose true', 'onFinish']);
});

test('a client that leaves while a part is handled ends the request after that part', async (t) => {
  const steps: string[] = [];
  let [begin, end] = [(): void => {}, (): void => {}];
  class Upload extends RequestHandler {
    override async onData(chunk: Buffer): Promise<void> {
      begin();
      await once(this.signal, 'abort');
      steps.push(chunk.toString());
      if (chunk.toString() === 'throw') this.signal.throwIfAborted();
    }
    post(): void {
      steps.push('post');
    }
    override onFinish(): void {
      end();
    }
  }
  const served = await serve(t, [['/', Upload]]);
  for (const word of ['return', 'throw']) {
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const ended = new Promise<void>((resolve) => (end = resolve));
    const socket = open(t, served.port);
    socket.write(`${head('POST', '/', 'Content-Length: 99')}${word}`);
    await begun;
    socket.resetAndDestroy();
    await ended;
  }
  assert.deepEqual(steps, ['return', 'throw']);
});

test('flush waits for a client that does not read, and continues when it reads', { timeout: 30_000 }, async (t) => {
  const [size, count] = [64 * 1024, 1024];
  let flushed = 0;
  class Large extends RequestHandler {
    async get(): Promise<void> {
      for (; flushed < count; flushed++) {
        this.write(Buffer.alloc(size, 'x'));
        await this.flush();
      }
    }
  }
  const served = await serve(t, [['/', Large]]);
  const socket = open(t, served.port);
  socket.pause();
  socket.write(head('GET', '/'));
  assert.ok((await standstill(() => flushed, count)) < count / 2, `${flushed} parts were flushed`);
  assert.ok(flushed > 0);
  let received = 0;
  for await (const data of socket) received += (data as Buffer).length;
  assert.equal(flushed, count);
  assert.ok(received > size * count, `${received} bytes came`);
});

for (const [how, leave] of [
  ['resets', (socket: Socket) => socket.resetAndDestroy()],
  ['closes', (socket: Socket) => socket.destroy()],
] as const) {
  test(`the signal aborts when a client ${how} that a handler streams to`, { timeout: 10_000 }, async (t) => {
    const events: string[] = [];
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    class Ticking extends RequestHandler {
      override onConnectionClose(): void {
        events.push('onConnectionClose');
      }
      async get(): Promise<void> {
        while (!this.signal.aborted) {
          this.write('tick');
          await this.flush();
          await delay(5, undefined, { signal: this.signal });
        }
      }
      override onFinish(): void {
        events.push('onFinish');
        end();
      }
    }
    const served = await serve(t, [['/', Ticking]]);
    const socket = open(t, served.port);
    socket.write(head('GET', '/'));
    await once(socket, 'data');
    leave(socket);
    await ended;
    assert.deepEqual(events, ['onConnectionClose', 'onFinish']);
  });

  test(`a flush that waits is given up when the client ${how}`, { timeout: 20_000 }, async (t) => {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    let flushed = 0;
    let isAborted: boolean | undefined;
    class Endless extends RequestHandler {
      async get(): Promise<void> {
        try {
          for (; ; flushed++) {
            this.write(Buffer.alloc(64 * 1024));
            await this.flush();
          }
        } finally {
          isAborted = this.signal.aborted;
        }
      }
      override onFinish(): void {
        end();
      }
    }
    const served = await serve(t, [['/', Endless]]);
    const socket = open(t, served.port);
    socket.pause();
    socket.write(head('GET', '/'));
    await standstill(() => flushed, Infinity);
    leave(socket);
    await ended;
    assert.equal(isAborted, true);
  });
}

test('a client that leaves does not affect a handler that awaits neither flush() nor finish()', async (t) => {
  const { promise: gone, resolve: fail } = Promise.withResolvers<void>();
  class Hasty extends RequestHandler {
    async get(): Promise<void> {
      this.write('begun');
      await this.flush();
      for (let part = 0; part < 200; part++) {
        this.write(Buffer.alloc(100_000));
        void this.flush();
      }
      this.signal.addEventListener('abort', () => {
        // An unhandled rejection ends the process.
        this.write('more');
        void this.flush();
        void this.finish();
        fail();
      });
      await gone;
    }
  }
  const { port } = await serve(t, [['/', Hasty]]);
  const socket = open(t, port);
  socket.write(head('GET', '/'));
  await once(socket, 'data');
  socket.resetAndDestroy();
  await gone;
  await delay(0);
});
