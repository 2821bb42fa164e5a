/** Streams of server-sent events on real sockets. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import { TimerWheel } from '../../http/timing/timer-wheel.ts';
import { RequestHandler } from '../handler.ts';
import type { EventStream } from './event-stream.ts';
import type { EventsOptions } from './events-options.ts';
import type { Settings } from '../settings.ts';

/** A server whose handler keeps its streams open until they end. */
async function start(
  t: TestContext,
  options: EventsOptions = {},
  settings: Settings = {},
): Promise<{ served: Served; streams: EventStream[]; finished: EventEmitter }> {
  const streams: EventStream[] = [];
  const finished = new EventEmitter();
  class Events extends RequestHandler {
    async get(): Promise<void> {
      const events = await this.events(options);
      streams.push(events);
      await events.ended;
    }
    post(): Promise<void> {
      return this.get();
    }
    override onFinish(): void {
      finished.emit('finish');
    }
  }
  return { served: await serve(t, [['/', Events]], settings), streams, finished };
}

class Reader {
  readonly socket: Socket;
  received = '';

  constructor(port: number, head = 'GET / HTTP/1.1\r\nHost: x\r\n') {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('utf8').on('error', () => {});
    this.socket.on('data', (text: string) => {
      this.received += text;
    });
    this.socket.write(`${head}\r\n`);
  }

  async see(text: string | RegExp): Promise<void> {
    await eventually(() => (typeof text === 'string' ? this.received.includes(text) : text.test(this.received)));
  }
}

async function streamAt(streams: readonly EventStream[], index = 0): Promise<EventStream> {
  await eventually(() => streams.length > index);
  return streams[index] as EventStream;
}

test('the head arrives before the first event, and each event when it is sent', async (t) => {
  const { served, streams } = await start(t);
  const reader = new Reader(served.port);
  await reader.see('\r\n\r\n');
  const [head = ''] = reader.received.split('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(head, /\r\nContent-Type: text\/event-stream\r\n/);
  assert.match(head, /\r\nCache-Control: no-cache\r\n/);
  assert.match(head, /\r\nX-Accel-Buffering: no\r\n/);
  assert.match(head, /\r\nTransfer-Encoding: chunked(?:\r\n|$)/);
  const events = await streamAt(streams);
  await events.send({ event: 'greeting', id: 1, data: { text: 'grüß dich' } });
  await reader.see('event: greeting\nid: 1\ndata: {"text":"grüß dich"}\n\n');
  await events.send({ data: 'two\nlines' });
  await reader.see('data: two\ndata: lines\n\n');
  reader.socket.destroy();
});

test('a handler can set its own Cache-Control and status', async (t) => {
  class Own extends RequestHandler {
    async get(): Promise<void> {
      this.setHeader('Cache-Control', 'no-store');
      const events = await this.events();
      await events.send({ data: 'only' });
    }
  }
  const served = await serve(t, [['/', Own]]);
  const response = await served.get('/');
  assert.equal(response.headers.get('cache-control'), 'no-store');
  // The stream ends when the verb returns.
  assert.equal(await response.text(), 'data: only\n\n');
});

test('a client that leaves ends the stream, and later events are refused without effect', async (t) => {
  const { served, streams, finished } = await start(t);
  const reader = new Reader(served.port);
  const events = await streamAt(streams);
  const { signal } = events;
  const done = once(finished, 'finish');
  reader.socket.resetAndDestroy();
  await events.ended;
  await done;
  assert.ok(signal.aborted);
  void events.send({ data: 'nobody' });
  await assert.rejects(events.send({ data: 'nobody' }), { code: 'HTTP_CLIENT_GONE' });
});

test('a loop that sends ends with the client, and nothing is logged as an error', async (t) => {
  const ended = new EventEmitter();
  const ticks = new EventEmitter();
  class Loop extends RequestHandler {
    async get(): Promise<void> {
      const events = await this.events();
      for (let count = 0; ; count++) {
        await once(ticks, 'tick', { signal: events.signal });
        await events.send({ data: count });
      }
    }
    override onFinish(): void {
      ended.emit('finish');
    }
  }
  const served = await serve(t, [['/', Loop]]);
  const reader = new Reader(served.port);
  await eventually(() => ticks.listenerCount('tick') === 1);
  ticks.emit('tick');
  await reader.see('data: 0\n\n');
  const done = once(ended, 'finish');
  reader.socket.resetAndDestroy();
  await done;
});

test('a server that closes completes the stream, and the program stops at once', async (t) => {
  const { served, streams } = await start(t);
  const reader = new Reader(served.port);
  const events = await streamAt(streams);
  await events.send({ data: 'last' });
  const closed = once(reader.socket, 'close');
  await served.server.close({ graceMs: 30_000 });
  await closed;
  assert.match(reader.received, /data: last\n\n\r\n0\r\n\r\n$/);
  await assert.rejects(events.send({ data: 'late' }), { code: 'HTTP_CLOSING' });
});

test('a stream that is opened while the server closes ends at once', async (t) => {
  const opened = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  class Late extends RequestHandler {
    async get(): Promise<void> {
      opened.resolve();
      await go.promise;
      const events = await this.events();
      await events.ended;
    }
  }
  const served = await serve(t, [['/', Late]]);
  const reader = new Reader(served.port);
  await opened.promise;
  const closing = served.server.close({ graceMs: 30_000 });
  go.resolve();
  await closing;
  await reader.see(/^HTTP\/1\.1 200 [^]*\r\n\r\n0\r\n\r\n$/);
});

test('close() completes the response', async (t) => {
  const { served, streams } = await start(t);
  const response = served.get('/');
  const events = await streamAt(streams);
  void events.send({ data: 'bye' });
  events.close();
  events.close();
  assert.equal(await (await response).text(), 'data: bye\n\n');
  await assert.rejects(events.send({ data: 'late' }), { code: 'WEB_RESPONDED', message: /after close\(\)/ });
  assert.ok(events.signal.aborted);
  await events.ended;
});

test('an event after the verb has returned is refused with the reason', async (t) => {
  const kept: EventStream[] = [];
  class Short extends RequestHandler {
    async get(): Promise<void> {
      kept.push(await this.events());
    }
  }
  const served = await serve(t, [['/', Short]]);
  assert.equal(await (await served.get('/')).text(), '');
  const [events] = kept;
  await assert.rejects(async () => events?.send({ data: 'x' }), {
    code: 'WEB_RESPONDED',
    message: /the verb has returned/,
  });
});

test('an event after the verb, while the rest of the stream waits for a slow client, throws nothing', async (t) => {
  const { promise: opened, resolve: open } = Promise.withResolvers<EventStream>();
  const data = 'x'.repeat(8_000_000);
  class Late extends RequestHandler {
    async get(): Promise<void> {
      const events = await this.events();
      void events.send({ data });
      open(events);
    }
  }
  const served = await serve(t, [['/', Late]]);
  const reader = new Reader(served.port);
  reader.socket.pause();
  const events = await opened;
  await new Promise((resolve) => setImmediate(resolve));
  await assert.rejects(events.send({ data: 'late' }), { code: 'WEB_RESPONDED' });
  reader.socket.resume();
  await reader.see(/\r\n0\r\n\r\n$/);
  assert.doesNotMatch(reader.received.slice(-100), /late/);
});

test('a comment is sent after the time without an event, by the timer wheel of the server', async (t) => {
  let now = 0;
  const wheel = new TimerWheel({ tickMs: 100, now: () => now });
  t.after(() => wheel.stop());
  const { served, streams } = await start(t, { heartbeatMs: 1_000 }, { server: { wheel } });
  const reader = new Reader(served.port);
  const events = await streamAt(streams);
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 100) {
      now += 100;
      wheel.advance();
    }
  };
  pass(700);
  await events.send({ data: 'one' });
  // The event has moved the comment.
  pass(700);
  await events.send({ data: 'two' });
  pass(1_500);
  await events.send({ data: 'three' });
  await reader.see('three');
  const body = reader.received.replace(/^[^]*?\r\n\r\n/, '').replaceAll(/[0-9a-f]+\r\n|\r\n/g, '');
  assert.equal(body, 'data: one\n\ndata: two\n\n:\n\ndata: three\n\n');
  reader.socket.destroy();
  await events.ended;
});

test('the option heartbeatMs 0 sends no comments', async (t) => {
  const wheel = new TimerWheel({ now: () => 0 });
  t.after(() => wheel.stop());
  const { served, streams } = await start(t, { heartbeatMs: 0 }, { server: { wheel } });
  const reader = new Reader(served.port);
  const events = await streamAt(streams);
  assert.equal(events.wheelNote, undefined);
  reader.socket.destroy();
  await events.ended;
});

test('a client that does not read is reset at maxBufferedBytes, and others go on', async (t) => {
  const { served, streams } = await start(t, { maxBufferedBytes: 100_000 });
  const slow = new Reader(served.port);
  const slowEvents = await streamAt(streams);
  const other = new Reader(served.port);
  const otherEvents = await streamAt(streams, 1);
  slow.socket.pause();
  const data = 'x'.repeat(10_000);
  let sentCount = 0;
  for (; !slowEvents.signal.aborted; sentCount++) {
    void slowEvents.send({ data });
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(sentCount < 10_000, 'the server buffers without limit');
  }
  await assert.rejects(slowEvents.send({ data }), { code: 'HTTP_CLIENT_GONE', message: /maxBufferedBytes \(100000\)/ });
  await eventually(() => served.lines.some(({ message }) => message.startsWith('Event stream reset')));
  await otherEvents.send({ data: 'still here' });
  await other.see('still here');
  slow.socket.destroy();
  other.socket.destroy();
});

test('one event may be larger than maxBufferedBytes', async (t) => {
  const { served, streams } = await start(t, { maxBufferedBytes: 1_000 });
  const response = served.get('/');
  const events = await streamAt(streams);
  const data = 'y'.repeat(500_000);
  await events.send({ data });
  await events.send({ data: 'end' });
  events.close();
  assert.equal(await (await response).text(), `data: ${data}\n\ndata: end\n\n`);
});

test('awaited events never exceed the limit for a slow client', async (t) => {
  const { served, streams } = await start(t, { maxBufferedBytes: 50_000 });
  const reader = new Reader(served.port);
  const events = await streamAt(streams);
  const data = 'z'.repeat(40_000);
  reader.socket.pause();
  let sentCount = 0;
  const sending = (async () => {
    for (; sentCount < 400; sentCount++) await events.send({ data });
  })();
  let last = -1;
  // The loop waits when the socket is full.
  await eventually(async () => {
    const isStill = sentCount === last;
    last = sentCount;
    await new Promise((resolve) => setImmediate(resolve));
    return isStill && sentCount > 0;
  });
  reader.socket.resume();
  await sending;
  assert.equal(sentCount, 400);
  reader.socket.destroy();
});

function upperCase(bytes: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString().toUpperCase());
}

for (const kind of ['sync', 'async']) {
  test(`a middleware with a ${kind} transform changes each event when it is sent`, async (t) => {
    const change = kind === 'sync' ? upperCase : async (bytes: Uint8Array) => upperCase(bytes);
    const middleware = {
      processResponse(handler: RequestHandler): void {
        handler.setHeader('X-Changed', 'yes');
        handler.transformBody({ push: change, end: change });
      },
    };
    const { served, streams } = await start(t, { maxBufferedBytes: 100_000 }, { middleware: [middleware] });
    const reader = new Reader(served.port);
    const events = await streamAt(streams);
    await events.send({ data: 'one' });
    await reader.see('DATA: ONE\n\n');
    void events.send({ data: 'two' });
    void events.send({ data: 'three' });
    await reader.see(/DATA: TWO\n\n[^]*DATA: THREE\n\n/);
    assert.match(reader.received, /\r\nX-Changed: yes\r\n/);
    reader.socket.pause();
    for (let count = 0; !events.signal.aborted; count++) {
      void events.send({ data: 'x'.repeat(10_000) });
      await new Promise((resolve) => setImmediate(resolve));
      assert.ok(count < 10_000, 'the server buffers without limit');
    }
    await eventually(() => served.lines.some(({ message }) => message.startsWith('Event stream reset')));
    reader.socket.destroy();
  });
}

test('the id of the last event is that of the header, decoded', async (t) => {
  const { served, streams } = await start(t);
  for (const [index, value] of [
    '',
    'Last-Event-ID: 42\r\n',
    'last-event-id: caf\u00c3\u00a9\r\n',
    'Last-Event-ID:\r\n',
  ].entries()) {
    const socket = connect(served.port, '127.0.0.1');
    socket.write(`GET / HTTP/1.1\r\nHost: x\r\n${value}\r\n`, 'latin1');
    assert.equal((await streamAt(streams, index)).lastEventId, [undefined, '42', 'café', undefined][index]);
    socket.destroy();
  }
});

test('HEAD gets the head only, and the verb does not wait for events', async (t) => {
  const { served, streams } = await start(t);
  const response = await served.get('/', { method: 'HEAD' });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  assert.equal(response.headers.get('etag'), null);
  assert.equal(streams.length, 0);
});

test('POST can have a stream too, and HTTP/1.0 gets it until the end of the connection', async (t) => {
  const { served, streams } = await start(t);
  const post = new Reader(served.port, 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n');
  await (await streamAt(streams)).send({ data: 'posted' });
  await post.see('data: posted\n\n');
  post.socket.destroy();
  const old = new Reader(served.port, 'GET / HTTP/1.0\r\n');
  const events = await streamAt(streams, 1);
  await events.send({ data: 'old' });
  events.close();
  await once(old.socket, 'end');
  assert.match(old.received, /\r\nConnection: close\r\n[^]*\r\ndata: old\n\n$/);
  assert.doesNotMatch(old.received, /chunked/i);
});

test('a wrong event is an error of the verb, and the stream is reset', async (t) => {
  class Wrong extends RequestHandler {
    async get(): Promise<void> {
      const events = await this.events();
      await events.send({ data: 'x', id: 'two\nlines' });
    }
  }
  const served = await serve(t, [['/', Wrong]]);
  await assert.rejects(async () => (await served.get('/')).text());
  await served.expectLine(/A handler failed \(id must be a text without line ends/);
});

test('wrong options, and a stream after the head was sent, are errors', async (t) => {
  class Wrong extends RequestHandler {
    async get({ what }: { what: string }): Promise<void> {
      if (what === 'value') await this.events({ heartbeatMs: -1 });
      if (what === 'name') await this.events({ retryMs: 5 } as EventsOptions);
      await this.flush();
      await this.events();
    }
  }
  const served = await serve(t, [['/:what', Wrong]]);
  assert.equal((await served.get('/value')).status, 500);
  await served.expectLine(/heartbeatMs must be an integer from 0/);
  assert.equal((await served.get('/name')).status, 500);
  await served.expectLine(/Unknown events option retryMs/);
  await assert.rejects(async () => (await served.get('/flushed')).text());
  await served.expectLine(/setHeader\(\) was called after flush\(\) sent the head/);
});
