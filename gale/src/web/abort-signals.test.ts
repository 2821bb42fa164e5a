/** The signals of a handler: `signal` when its client leaves, `closing` when the server begins to close. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../test/support/eventually.ts';
import { fakeWheel } from '../../test/support/http/fake-wheel.ts';
import { untilStable } from '../../test/support/http/http-server.ts';
import { serve } from '../../test/support/web/web-server.ts';
import type { Served } from '../../test/support/web/web-server.ts';
import { RequestHandler } from './handler.ts';
import { StaticFileHandler } from './static/static-file.ts';
import { WebSocketHandler } from './websocket-handler.ts';

/** A connection that keeps its side open when the server ends its own, and what it has received. */
interface Client {
  readonly socket: Socket;
  received: string;
  /** Settles when the socket has closed: whether it was reset. */
  readonly closed: Promise<boolean>;
}

function open(t: TestContext, port: number): Client {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const client = { socket, received: '', closed: promise };
  socket.setEncoding('latin1').on('data', (text: string) => {
    client.received += text;
  });
  socket.on('error', () => {});
  socket.on('close', (isFailed) => resolve(isFailed));
  t.after(() => socket.destroy());
  return client;
}

/** Sends a GET request and returns its connection. */
function get(t: TestContext, { port }: Served, path: string, ...lines: readonly string[]): Client {
  const client = open(t, port);
  client.socket.write(`${[`GET ${path} HTTP/1.1`, 'Host: x', ...lines].join('\r\n')}\r\n\r\n`);
  return client;
}

/** Sends an event each hour, until the client leaves or the server closes. */
class Hourly extends RequestHandler {
  async get(): Promise<void> {
    this.setHeader('Content-Type', 'text/event-stream');
    const end = AbortSignal.any([this.signal, this.closing]);
    while (!end.aborted) {
      this.write('data: tick\n\n');
      await this.flush();
      await delay(3_600_000, undefined, { signal: end }).catch(() => {});
    }
    this.write('data: end\n\n');
  }
}

/** Waits without end; the path says for which signal it stops. */
class Waits extends RequestHandler<unknown, { steps: string[] }> {
  override onConnectionClose(): void {
    this.init.steps.push('onConnectionClose');
  }
  override writeError(): void {
    this.init.steps.push('writeError');
    this.write('an error page');
  }
  override onFinish(): void {
    this.init.steps.push('onFinish');
  }
  async get({ how }: { how: string }): Promise<void> {
    this.init.steps.push('get');
    const stop = how.includes('client') ? this.signal : this.closing;
    if (how.startsWith('stream')) {
      this.write('begun');
      await this.flush();
    }
    if (how.endsWith('reason')) {
      await once(stop, 'abort');
      throw stop.reason;
    }
    await delay(3_600_000, undefined, { signal: stop });
  }
}

for (const how of ['client', 'client-reason', 'stream-client', 'stream-client-reason']) {
  test(
    `a half-closed client of a handler that throws for the signal is reset: ${how}`,
    { timeout: 10_000 },
    async (t) => {
      const steps: string[] = [];
      const served = await serve(t, [['/:how', Waits, { init: { steps } }]]);
      const client = get(t, served, `/${how}`);
      await eventually(() => steps.length === 1);
      client.socket.end();
      assert.equal(await client.closed, true, 'the response does not look complete');
      await eventually(() => steps.includes('onFinish'));
      assert.deepEqual(steps, ['get', 'onConnectionClose', 'onFinish']);
      assert.doesNotMatch(client.received, /500|error page/);
      assert.ok(served.lines.some(({ message }) => message === 'Request aborted'));
    },
  );
}

test(
  'a half-closed client gets the response of a handler that returns when the signal aborts',
  { timeout: 10_000 },
  async (t) => {
    class Polls extends RequestHandler {
      async get(): Promise<void> {
        await once(this.signal, 'abort');
        this.write('nothing new');
      }
    }
    const served = await serve(t, [['/', Polls]]);
    const client = get(t, served, '/');
    client.socket.end();
    assert.equal(await client.closed, false);
    assert.match(client.received, /^HTTP\/1\.1 200 [^]*nothing new$/);
  },
);

test('a static file is sent to its end to a half-closed client that pauses', { timeout: 20_000 }, async (t) => {
  const { wheel, pass } = fakeWheel(t);
  const root = await mkdtemp(join(tmpdir(), 'gale-'));
  t.after(() => rm(root, { recursive: true }));
  const size = 8 * 1024 * 1024;
  await writeFile(join(root, 'film.bin'), Buffer.alloc(size, 'film'));
  const closes: string[] = [];
  let pieces = 0;
  let isFull = false;
  class Files extends StaticFileHandler {
    override flush(): Promise<void> {
      pieces++;
      isFull = true;
      return super.flush().finally(() => {
        isFull = false;
      });
    }
    override onConnectionClose(): void {
      closes.push(this.request.path);
    }
  }
  // The handler waits for the client, not for the file.
  const untilFull = (): Promise<number> => untilStable(() => (isFull ? pieces : Number.NaN));
  const served = await serve(t, [['/*path', Files, { init: { root } }]], {
    server: { wheel, halfClosedTimeoutMs: 1_000 },
  });
  const client = get(t, served, '/film.bin');
  client.socket.end();
  await once(client.socket, 'data');
  client.socket.pause();
  await untilFull();
  for (let second = 0; second < 30; second++) {
    pass(1_000);
    await untilFull();
  }
  client.socket.resume();
  assert.equal(await client.closed, false);
  assert.equal(client.received.length - client.received.indexOf('\r\n\r\n') - 4, size);
  assert.deepEqual(closes, []);
});

test(
  'a stream of events ends when the server closes, which does not wait for graceMs',
  { timeout: 10_000 },
  async (t) => {
    const served = await serve(t, [['/', Hourly]]);
    const clients = Array.from({ length: 5 }, () => get(t, served, '/'));
    await eventually(() => clients.every(({ received }) => received.includes('tick')));
    const closed = served.server.close({ graceMs: 3_600_000 });
    for (const client of clients) client.socket.on('end', () => client.socket.end());
    for (const client of clients) {
      assert.equal(await client.closed, false);
      assert.match(client.received, /data: tick\n\n\r\n[0-9a-f]+\r\ndata: end\n\n\r\n0\r\n\r\n$/);
    }
    await closed;
  },
);

test(
  'a handler that throws for closing is 503 before its head was sent, and reset after it',
  { timeout: 10_000 },
  async (t) => {
    for (const how of ['server', 'server-reason', 'stream-server', 'stream-server-reason']) {
      const steps: string[] = [];
      const served = await serve(t, [['/:how', Waits, { init: { steps } }]]);
      const client = get(t, served, `/${how}`);
      client.socket.on('end', () => client.socket.end());
      await eventually(() => steps.length === 1);
      if (how.startsWith('stream')) await eventually(() => client.received.endsWith('begun\r\n'));
      await served.server.close({ graceMs: 3_600_000 });
      assert.equal(await client.closed, how.startsWith('stream'), how);
      if (how.startsWith('stream')) {
        assert.doesNotMatch(client.received, /\r\n0\r\n\r\n$/);
        assert.deepEqual(steps, ['get', 'onFinish']);
      } else {
        assert.match(client.received, /^HTTP\/1\.1 503 Service Unavailable\r\n[^]*\r\nConnection: close\r\n/);
        assert.deepEqual(steps, ['get', 'writeError', 'onFinish']);
      }
    }
  },
);

test(
  'closing is aborted from the start in a request that comes after the server began to close',
  { timeout: 10_000 },
  async (t) => {
    const seen: boolean[] = [];
    class Sees extends RequestHandler {
      get(): void {
        seen.push(this.closing.aborted);
        this.write('seen');
      }
    }
    const served = await serve(t, [
      ['/', Sees],
      ['/hourly', Hourly],
    ]);
    const client = get(t, served, '/');
    await eventually(() => client.received.endsWith('seen'));
    const closed = served.server.close({ graceMs: 3_600_000, idleMs: 3_600_000 });
    client.socket.write('GET /hourly HTTP/1.1\r\nHost: x\r\n\r\n');
    client.socket.on('end', () => client.socket.end());
    assert.equal(await client.closed, false);
    assert.match(client.received, /seenHTTP\/1\.1 200 [^]*data: end\n\n$/);
    assert.doesNotMatch(client.received, /tick/);
    await closed;
    assert.deepEqual(seen, [false]);
  },
);

test(
  'closing does not abort for a client that leaves, nor signal for a server that closes',
  { timeout: 10_000 },
  async (t) => {
    const handlers: RequestHandler[] = [];
    class Kept extends RequestHandler {
      async get(): Promise<void> {
        handlers.push(this);
        assert.notEqual(this.signal, this.closing);
        await Promise.race([once(this.signal, 'abort'), once(this.closing, 'abort')]);
      }
    }
    const served = await serve(t, [['/', Kept]]);
    const leaving = get(t, served, '/?leaves');
    const staying = get(t, served, '/?stays');
    staying.socket.on('end', () => staying.socket.end());
    await eventually(() => handlers.length === 2);
    const [left, stayed] = handlers.toSorted((a, b) => (a.request.query < b.request.query ? -1 : 1));
    assert.ok(left !== undefined && stayed !== undefined);
    leaving.socket.destroy();
    await eventually(() => left.signal.aborted);
    assert.equal(left.closing.aborted, false);
    await served.server.close();
    assert.equal((stayed.closing.reason as { code: string }).code, 'HTTP_CLOSING');
    assert.equal(stayed.signal.aborted, false);
    assert.match(staying.received, /^HTTP\/1\.1 200 /);
  },
);

test(
  'closing aborts in a WebSocket handler before the close with 1001, also if it is first used after it',
  { timeout: 10_000 },
  async (t) => {
    const steps: string[] = [];
    class Talks extends WebSocketHandler {
      override open(): void {
        if (this.request.query === 'early') {
          this.closing.addEventListener('abort', () => steps.push(`early ${this.closeCode}`));
        }
      }
      override onClose(code: number): void {
        steps.push(`closed ${code} ${this.closing.aborted} ${(this.closing.reason as { code: string }).code}`);
      }
    }
    const served = await serve(t, [['/', Talks]]);
    for (const query of ['early', 'late']) {
      const socket = new WebSocket(`ws://127.0.0.1:${served.port}/?${query}`);
      await once(socket, 'open');
    }
    await served.server.close({ graceMs: 3_600_000 });
    await eventually(() => steps.length === 3);
    assert.deepEqual(steps.toSorted(), [
      'closed 1001 true HTTP_CLOSING',
      'closed 1001 true HTTP_CLOSING',
      'early undefined',
    ]);
  },
);
