import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectSocket } from 'node:net';
import { test } from 'node:test';
import { GaleError } from '../errors.ts';
import { authenticated } from './authenticated.ts';
import { Finish, HttpError } from './http-error.ts';
import { serve, type Served } from '../../test/support/web/web-server.ts';
import { WebSocketHandler } from './websocket-handler.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';

/** The head of a handshake. `changes` replaces headers, or removes them by `undefined`. */
function handshake(path: string, changes: Readonly<Record<string, string | undefined>> = {}): string {
  const headers = {
    Host: 'gale.test:80',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': key,
    'Sec-WebSocket-Version': '13',
    ...changes,
  };
  const lines = Object.entries(headers).filter(([, value]) => value !== undefined);
  return `GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** A close frame with mask 0, so that the server closes the connection. */
const closeFrame = '\x88\x80\0\0\0\0';

async function open(served: Served, path: string, protocols: string[] = []): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}${path}`, protocols);
  await once(socket, 'open');
  return socket;
}

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    this.writeMessage(message);
  }
}

test('sends and receives text, bytes and JSON', { timeout: 10_000 }, async (t) => {
  class Talker extends Echo {
    override open({ room }: { room: string }): void {
      this.writeMessage({ room, argument: this.getArgument('q') });
    }
  }
  const served = await serve(t, [['/talk/:room', Talker]]);
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/talk/a%20b?q=中`);
  socket.binaryType = 'arraybuffer';
  const received: unknown[] = [];
  const all = Promise.withResolvers<void>();
  socket.addEventListener('message', ({ data }) => {
    received.push(typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer));
    if (received.length === 3) all.resolve();
  });
  await once(socket, 'open');
  socket.send('text 中');
  socket.send(Uint8Array.of(0, 255));
  await all.promise;
  assert.deepEqual(received, ['{"room":"a b","argument":"中"}', 'text 中', Buffer.from([0, 255])]);
  socket.close();
  await once(socket, 'close');
});

test('calls the events in order, awaits each, and calls onClose once', { timeout: 10_000 }, async (t) => {
  const steps: string[] = [];
  const closed = Promise.withResolvers<void>();
  class Slow extends WebSocketHandler<string> {
    override async getCurrentUser(): Promise<string> {
      await pause();
      return 'Ann';
    }
    override async open(): Promise<void> {
      steps.push(`open ${this.currentUser}`);
      await pause();
      steps.push('opened');
    }
    override async onMessage(message: string): Promise<void> {
      steps.push(`begin ${message}`);
      await pause();
      await pause();
      steps.push(`end ${message}`);
      if (message === '3') this.close(4000, 'enough');
    }
    override onClose(code: number, reason: string): void {
      steps.push(`onClose ${code} ${reason} ${this.closeCode} ${this.closeReason}`);
      this.writeMessage('to nobody');
      closed.resolve();
    }
  }
  const served = await serve(t, [['/', Slow]]);
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/`);
  socket.addEventListener('open', () => ['1', '2', '3'].forEach((text) => socket.send(text)));
  const [event] = (await once(socket, 'close')) as [CloseEvent];
  await closed.promise;
  assert.equal(event.code, 4000);
  assert.equal(event.reason, 'enough');
  const messages = ['begin 1', 'end 1', 'begin 2', 'end 2', 'begin 3', 'end 3'];
  assert.deepEqual(steps, ['open Ann', 'opened', ...messages, 'onClose 4000 enough 4000 enough']);
});

test('prepare can refuse with any status, and the 101 has cookies', { timeout: 10_000 }, async (t) => {
  class Guarded extends Echo {
    override async prepare(): Promise<void> {
      if (this.getCookie('session') !== 'right') throw new HttpError(401);
      if (this.getQueryArgument('away', undefined) !== undefined) return this.redirect('/elsewhere');
      this.setCookie('seen', 'yes');
      this.setHeader('X-Own', 'own');
    }
  }
  const served = await serve(t, [['/', Guarded]]);
  const refused = await served.raw(handshake('/', { Connection: 'Upgrade, close' }));
  assert.match(refused, /^HTTP\/1\.1 401 Unauthorized\r\n/);
  const away = await served.raw(handshake('/?away', { Cookie: 'session=right', Connection: 'Upgrade, close' }));
  assert.match(away, /^HTTP\/1\.1 302 Found\r\n/);
  const accepted = await served.raw(handshake('/', { Cookie: 'session=right' }) + closeFrame);
  assert.match(accepted, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  assert.match(accepted, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/);
  assert.match(accepted, /\r\nSet-Cookie: seen=yes; Path=\/\r\n/);
  assert.match(accepted, /\r\nX-Own: own\r\n/);
  assert.doesNotMatch(accepted.split('\r\n\r\n')[0] ?? '', /content-type/i);
});

test('a client that ends its side before its WebSocket is open gets 400', { timeout: 10_000 }, async (t) => {
  const ended = Promise.withResolvers<void>();
  class Slow extends Echo {
    override prepare(): Promise<void> {
      return ended.promise;
    }
  }
  const served = await serve(t, [['/', Slow]]);
  const socket = connectSocket({ port: served.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.end(handshake('/'));
  await once(socket, 'finish');
  // This request came after the end.
  await served.get('/elsewhere');
  ended.resolve();
  let received = '';
  for await (const bytes of socket) received += String(bytes);
  assert.match(received, /^HTTP\/1\.1 400 Bad Request\r\n/);
});

test('only pages of this site can connect, unless checkOrigin accepts others', { timeout: 10_000 }, async (t) => {
  class Open extends Echo {
    override checkOrigin(origin: string): boolean {
      return origin === 'https://friend.test' || super.checkOrigin(origin);
    }
  }
  const served = await serve(t, [
    ['/', Echo],
    ['/open', Open],
  ]);
  const ask = async (path: string, origin: string): Promise<string> =>
    (await served.raw(handshake(path, { Origin: origin, Connection: 'Upgrade, close' }) + closeFrame)).slice(9, 12);
  assert.equal(await ask('/', 'http://gale.test'), '101');
  assert.equal(await ask('/open', 'http://gale.test:80'), '101');
  assert.equal(await ask('/open', 'https://friend.test'), '101');
  const foreign = [
    'http://evil.test',
    'https://gale.test',
    'http://gale.test:81',
    'http://sub.gale.test',
    'null',
    'gale.test',
  ];
  for (const origin of foreign) assert.equal(await ask('/', origin), '403', origin);
  assert.equal(await ask('/open', 'https://enemy.test'), '403');
  await served.expectLine(
    /^debug: Handler responded with an error \(A page of "http:\/\/evil\.test" tried to open a WebSocket/,
  );
  await served.expectLine(/tried to open/);
});

test('refuses if checkOrigin returns anything but true, such as a promise', { timeout: 10_000 }, async (t) => {
  class Awaited extends Echo {
    // The types refuse it; JavaScript does not.
    override checkOrigin(): boolean {
      return Promise.resolve(true) as unknown as boolean;
    }
  }
  const served = await serve(t, [['/', Awaited]]);
  const request = handshake('/', { Origin: 'https://evil.test', Connection: 'Upgrade, close' });
  assert.match(await served.raw(request + closeFrame), /^HTTP\/1\.1 403 /);
  await served.expectLine(/tried to open/);
});

test('pages of allowedOrigins can connect, with the same scheme and port', { timeout: 10_000 }, async (t) => {
  const allowedOrigins = ['https://friend.test', 'http://Other.test:8080'];
  const served = await serve(t, [['/', Echo]], { allowedOrigins });
  const ask = async (origin: string): Promise<string> =>
    (await served.raw(handshake('/', { Origin: origin, Connection: 'Upgrade, close' }) + closeFrame)).slice(9, 12);
  for (const origin of [
    'http://gale.test',
    'https://friend.test',
    'https://FRIEND.test:443',
    'http://other.test:8080',
  ]) {
    assert.equal(await ask(origin), '101', origin);
  }
  for (const origin of [
    'http://friend.test',
    'https://friend.test:444',
    'https://a.friend.test',
    'http://other.test',
  ]) {
    assert.equal(await ask(origin), '403', origin);
    await served.expectLine(/tried to open/);
  }
});

test('a page of https connects through a proxy that reports wss', { timeout: 10_000 }, async (t) => {
  const connection = { Host: 'gale.test', Origin: 'https://gale.test', Connection: 'Upgrade, close' };
  for (const [proxyHeaders, name, secure, plain] of [
    ['x-forwarded', 'X-Forwarded-Proto', 'wss', 'ws'],
    ['forwarded', 'Forwarded', 'for=203.0.113.9;proto=wss', 'for=203.0.113.9;proto=ws'],
  ] as const) {
    const served = await serve(t, [['/', Echo]], { server: { trustedProxies: ['loopback'], proxyHeaders } });
    const ask = async (headers: Record<string, string>): Promise<string> =>
      (await served.raw(handshake('/', { ...connection, ...headers }) + closeFrame)).slice(9, 12);
    assert.equal(await ask({ [name]: secure }), '101', secure);
    assert.equal(await ask({ [name]: secure.toUpperCase() }), '101', secure.toUpperCase());
    assert.equal(await ask({ [name]: plain, Origin: 'http://gale.test' }), '101', plain);
    assert.equal(await ask({ [name]: plain }), '403', plain);
    await served.expectLine(/tried to open/);
  }
});

test('writeMessage resolves to whether the message was sent', { timeout: 10_000 }, async (t) => {
  const told: boolean[] = [];
  const closed = Promise.withResolvers<void>();
  class Awaiting extends WebSocketHandler {
    override async onMessage(message: string): Promise<void> {
      told.push(await this.writeMessage(message));
      this.close();
      told.push(await this.writeMessage('late'));
    }
    override async onClose(): Promise<void> {
      told.push(await this.writeMessage('too late'));
      closed.resolve();
    }
  }
  const served = await serve(t, [['/', Awaiting]]);
  const socket = await open(served, '/');
  socket.send('x');
  await closed.promise;
  assert.deepEqual(told, [true, false, false]);
});

test('refuses an invalid handshake with its status and headers', async (t) => {
  const served = await serve(t, [['/', Echo]]);
  assert.equal((await served.get('/')).status, 400);
  const post = await served.get('/', { method: 'POST' });
  assert.equal(post.status, 405);
  const close = { Connection: 'Upgrade, close' };
  const old = await served.raw(handshake('/', { ...close, 'Sec-WebSocket-Version': '12' }));
  assert.match(old, /^HTTP\/1\.1 426 /);
  assert.match(old, /\r\nSec-WebSocket-Version: 13\r\n/);
  assert.match(old, /\r\nUpgrade: websocket\r\n/);
  assert.match(old, /\r\nConnection: Upgrade, close\r\n/);
  for (const changes of [{ 'Sec-WebSocket-Key': undefined }, { 'Sec-WebSocket-Key': 'short' }, { Upgrade: 'h2c' }]) {
    assert.match(await served.raw(handshake('/', { ...close, ...changes })), /^HTTP\/1\.1 400 /);
  }
});

test('selects a subprotocol once', { timeout: 10_000 }, async (t) => {
  const offers: (readonly string[])[] = [];
  const selected: (string | undefined)[] = [];
  class Choosing extends Echo {
    override open(): void {
      selected.push(this.selectedSubprotocol);
    }
    override selectSubprotocol(offered: readonly string[]): string | undefined {
      offers.push(offered);
      return offered.find((name) => name === 'b');
    }
  }
  const served = await serve(t, [['/', Choosing]]);
  const socket = await open(served, '/', ['a', 'b']);
  assert.equal(socket.protocol, 'b');
  socket.close();
  await once(socket, 'close');
  await served.raw(handshake('/') + closeFrame);
  assert.deepEqual(offers, [['a', 'b']]);
  assert.deepEqual(selected, ['b', undefined]);
});

test('an error in an event is logged, closes with 1011, and calls onClose', { timeout: 10_000 }, async (t) => {
  const closes: unknown[] = [];
  class Failing extends WebSocketHandler {
    override open(): void {
      if (this.request.query === 'open') throw new Error('in open');
    }
    override async onMessage(): Promise<void> {
      throw new Error('in onMessage');
    }
    override onClose(code: number): void {
      closes.push(code);
    }
  }
  const served = await serve(t, [['/', Failing]]);
  const first = new WebSocket(`ws://127.0.0.1:${served.port}/?open`);
  assert.equal(((await once(first, 'close')) as [CloseEvent])[0].code, 1011);
  await served.expectLine(/^error: A handler failed \(in open\)/);
  const second = await open(served, '/');
  second.send('x');
  assert.equal(((await once(second, 'close')) as [CloseEvent])[0].code, 1011);
  await served.expectLine(/in onMessage/);
  assert.deepEqual(closes, [1011, 1011]);
});

test('authenticated opens a WebSocket for a user and redirects others', { timeout: 10_000 }, async (t) => {
  class Guarded extends Echo {
    override getCurrentUser(): string | undefined {
      return this.getCookie('user');
    }
    override readonly get: () => void | Promise<void> = authenticated(function (this: Guarded) {
      WebSocketHandler.prototype.get.call(this);
    });
    override open(): void {
      this.writeMessage(`welcome ${String(this.currentUser)}`);
    }
  }
  const served = await serve(t, [['/', Guarded]], { loginUrl: '/login' });
  const nobody = await served.raw(handshake('/?room=1', { Connection: 'Upgrade, close' }));
  assert.match(nobody, /^HTTP\/1\.1 302 Found\r\n/);
  assert.match(nobody, /\r\nLocation: \/login\?next=%2F%3Froom%3D1\r\n/);
  const somebody = await served.raw(handshake('/', { Cookie: 'user=Ann' }) + closeFrame);
  assert.match(somebody, /^HTTP\/1\.1 101 /);
  assert.match(somebody, /welcome Ann/);
});

test('passes no message while onPing or onPong is busy', { timeout: 10_000 }, async (t) => {
  const steps: string[] = [];
  const closed = Promise.withResolvers<void>();
  class Slow extends WebSocketHandler {
    override async onPing(data: Buffer): Promise<void> {
      steps.push(`ping ${data.toString()}`);
      await pause();
      await pause();
      steps.push('pinged');
    }
    override async onPong(data: Buffer): Promise<void> {
      steps.push(`pong ${data.toString()}`);
      await pause();
      await pause();
      steps.push('ponged');
    }
    override onMessage(message: string): void {
      steps.push(message);
    }
    override onClose(code: number): void {
      steps.push(`close ${code}`);
      closed.resolve();
    }
  }
  const served = await serve(t, [['/', Slow]]);
  // Masked with zeros: a ping, a text, a pong, a text, and a close.
  const frames = ['\x89\x81\0\0\0\0a', '\x81\x81\0\0\0\x001', '\x8a\x81\0\0\0\0b', '\x81\x81\0\0\0\x002'];
  await served.raw(handshake('/') + frames.join('') + closeFrame);
  await closed.promise;
  assert.deepEqual(steps, ['ping a', 'pinged', '1', 'pong b', 'ponged', '2', 'close 1005']);
});

test('HTTP methods throw after the upgrade', { timeout: 10_000 }, async (t) => {
  class Confused extends WebSocketHandler {
    override prepare(): void {
      assert.throws(() => this.connection, isError('WEB_HANDLER'));
    }
    override async open(): Promise<void> {
      const calls = [
        () => this.write('x'),
        () => this.finish(),
        () => this.setHeader('a', 'b'),
        () => this.setStatus(200),
        () => this.setCookie('a', 'b'),
        () => this.redirect('/'),
      ];
      for (const call of calls) assert.throws(call, isError('WEB_UPGRADED'));
      await assert.rejects(this.flush(), isError('WEB_UPGRADED'));
      await this.sendError(500);
      this.writeMessage('checked');
    }
  }
  const served = await serve(t, [['/', Confused]]);
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/`);
  // A failed assertion in open() closes the connection.
  const [event] = (await Promise.race([once(socket, 'message'), once(socket, 'close')])) as [MessageEvent];
  assert.equal(event.data, 'checked');
  socket.close();
  await once(socket, 'close');
});

test('Finish after the upgrade is no error', { timeout: 10_000 }, async (t) => {
  class Finishing extends Echo {
    override get(): void {
      super.get();
      throw new Finish();
    }
  }
  const served = await serve(t, [['/', Finishing]]);
  const socket = new WebSocket(`ws://127.0.0.1:${served.port}/`);
  await once(socket, 'open');
  socket.send('hello');
  const [event] = (await Promise.race([once(socket, 'message'), once(socket, 'close')])) as [MessageEvent];
  assert.equal(event.data, 'hello');
  socket.close();
  await once(socket, 'close');
});

function isError(code: string) {
  return (error: unknown): boolean => error instanceof GaleError && error.code === code;
}

test('takes limits from the setting or from the handler', { timeout: 10_000 }, async (t) => {
  class Small extends Echo {
    override get websocketOptions(): { maxMessageBytes: number } {
      return { ...super.websocketOptions, maxMessageBytes: 10 };
    }
  }
  const served = await serve(
    t,
    [
      ['/', Echo],
      ['/small', Small],
    ],
    { websocket: { maxMessageBytes: 20 } },
  );
  for (const [path, bytes] of [
    ['/', 21],
    ['/small', 11],
  ] as const) {
    const socket = await open(served, path);
    socket.send('x'.repeat(bytes - 1));
    const [echoed] = (await once(socket, 'message')) as [MessageEvent<string>];
    assert.equal(echoed.data.length, bytes - 1);
    socket.send('x'.repeat(bytes));
    assert.equal(((await once(socket, 'close')) as [CloseEvent])[0].code, 1009);
  }
});
