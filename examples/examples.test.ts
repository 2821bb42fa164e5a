import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

const runner = fileURLToPath(new URL('run.ts', import.meta.url));

/** Starts an example as `npm run example -- NAME` does, on a free port. @returns `127.0.0.1:PORT`. */
async function startExample(t: TestContext, name: string, ...words: string[]): Promise<string> {
  const child = spawn(process.execPath, ['--conditions=gale-source', runner, name, '--port=0', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(async () => {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  });
  for await (const chunk of child.stdout) {
    const found = /http:\/\/(127\.0\.0\.1:\d+)\//.exec(String(chunk));
    if (found?.[1]) return found[1];
  }
  throw new Error(`${name} ended without output.`);
}

async function openSocket(t: TestContext, host: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${host}/`);
  socket.binaryType = 'arraybuffer';
  await once(socket, 'open');
  t.after(() => socket.close());
  return socket;
}

/** Opens a WebSocket with compression. @returns Its TCP socket, for raw frames. */
async function openRaw(t: TestContext, host: string): Promise<Socket> {
  const [name, port] = host.split(':');
  const socket = connect(Number(port), name);
  t.after(() => socket.destroy());
  socket.write(
    'GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
  );
  const [response] = (await once(socket, 'data')) as [Buffer];
  assert.match(response.toString(), /^HTTP\/1\.1 101 .*\r\nSec-WebSocket-Extensions: permessage-deflate;/s);
  return socket;
}

/** Resolves with the next message. Call it before sending. */
async function nextMessage(socket: WebSocket): Promise<unknown> {
  const [event] = (await once(socket, 'message')) as [MessageEvent];
  return event.data;
}

const helpCalls = [
  ['--help'],
  ...['hello', 'http-echo', 'echo', 'broadcast', 'events', 'rooms'].map((name) => [name, '--help']),
  ['hello', '--processes=3', '--help'],
  ['echo', '--help', '--port=x', '--nothing'],
  ['nothing', '--help'],
];
for (const words of helpCalls) {
  test(`${words.join(' ')} prints the help with exit code 0`, async () => {
    const child = spawn(process.execPath, ['--conditions=gale-source', runner, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    assert.match(output, /^npm run example -- NAME \[options\]\n\nNAME is one of .*--max-message-bytes=N/s);
    assert.equal(errors, '');
    assert.equal(code, 0);
  });
}

test('hello responds with one line of plain text', async (t) => {
  const host = await startExample(t, 'hello');
  const response = await fetch(`http://${host}/`);
  assert.equal(response.status, 200);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
  assert.equal(await response.text(), 'Hello, world!');
});

test('http-echo responds to every method at every path with the same body', async (t) => {
  const host = await startExample(t, 'http-echo');
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PURGE', 'X-ODD']) {
    const body = method === 'GET' ? undefined : `body of ${method} 你好`;
    const response = await fetch(`http://${host}/some/${method}?x=1`, { method, ...(body ? { body } : {}) });
    assert.equal(response.status, 200, method);
    assert.equal(await response.text(), body ?? '', method);
  }
});

test('http-echo accepts a chunked body', async (t) => {
  const [host, port] = (await startExample(t, 'http-echo')).split(':');
  const socket = connect(Number(port), host);
  socket.end(
    'POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  );
  const response = await text(socket);
  assert.match(response, /^HTTP\/1\.1 200 OK\r\n/);
  assert.ok(response.endsWith('\r\n\r\nhello'), response);
});

test('echo sends text back as text and bytes as bytes, up to its limit', async (t) => {
  const socket = await openSocket(t, await startExample(t, 'echo', '--max-message-bytes=100000'));
  const messages = ['', '你好 👋', 'x'.repeat(100_000)];
  for (const message of messages) {
    const response = nextMessage(socket);
    socket.send(message);
    assert.equal(await response, message);
  }
  const bytes = nextMessage(socket);
  socket.send(Uint8Array.of(0, 255, 128));
  assert.deepEqual(new Uint8Array((await bytes) as ArrayBuffer), Uint8Array.of(0, 255, 128));
  const closed = once(socket, 'close') as Promise<[CloseEvent]>;
  socket.send('x'.repeat(100_001));
  assert.equal((await closed)[0].code, 1009);
});

test('echo accepts 16 MiB by default', async (t) => {
  const socket = await openSocket(t, await startExample(t, 'echo'));
  const response = nextMessage(socket);
  socket.send(new Uint8Array(16_777_216));
  assert.equal(((await response) as ArrayBuffer).byteLength, 16_777_216);
});

test('echo negotiates compression, and sends a large message back compressed', async (t) => {
  const host = await startExample(t, 'echo');
  const socket = await openSocket(t, host);
  assert.match(socket.extensions, /^permessage-deflate/);
  const response = nextMessage(socket);
  const text = '你好 👋'.repeat(100_000);
  socket.send(text);
  assert.equal(await response, text);
  const peer = await openRaw(t, host);
  // 4,000 times "Hello" in a frame with RSV1, masked with zeros.
  const deflated = deflateRawSync('Hello'.repeat(4000), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
  assert.ok(deflated.length < 126);
  peer.write(Buffer.concat([Buffer.from([0xc1, 0x80 | deflated.length, 0, 0, 0, 0]), deflated]));
  const [echoed] = (await once(peer, 'data')) as [Buffer];
  assert.deepEqual([echoed[0], echoed[1]], [0xc1, echoed.length - 2]);
  const tail = Buffer.from('0000ffff', 'hex');
  const inflated = inflateRawSync(Buffer.concat([echoed.subarray(2), tail]), { finishFlush: constants.Z_SYNC_FLUSH });
  assert.equal(inflated.toString(), 'Hello'.repeat(4000));
});

test('echo accepts a message of 300,000 fragments', async (t) => {
  const peer = await openRaw(t, await startExample(t, 'echo'));
  const frames = Buffer.alloc(300_000 * 7);
  for (let i = 0; i < 300_000; i++)
    frames.set([i === 0 ? 2 : i === 299_999 ? 0x80 : 0, 0x81, 0, 0, 0, 0, i % 256], i * 7);
  peer.write(frames);
  // 0xc2: a complete binary message, compressed (RSV1).
  const [first] = (await once(peer, 'data')) as [Buffer];
  assert.equal(first[0], 0xc2);
});

test('echo applies backpressure to a client that pipelines large messages, and returns all of them', async (t) => {
  const socket = await openSocket(t, await startExample(t, 'echo'));
  const received: number[] = [];
  const all = Promise.withResolvers<void>();
  socket.addEventListener('close', ({ code }) => all.reject(new Error(`closed with ${code}`)));
  socket.addEventListener('message', ({ data }) => {
    const bytes = new Uint8Array(data as ArrayBuffer);
    received.push(bytes[0]!);
    if (received.length === 12) all.resolve();
  });
  for (let i = 0; i < 12; i++) {
    const message = new Uint8Array(4_194_304);
    // Random data does not compress, so the echo has the full size too.
    for (let at = 0; at < message.length; at += 65_536) crypto.getRandomValues(message.subarray(at, at + 65_536));
    message[0] = i;
    socket.send(message);
  }
  await all.promise;
  assert.deepEqual(
    received,
    Array.from({ length: 12 }, (_, index) => index),
  );
});

test('broadcast sends each message to all clients, including the sender', async (t) => {
  const host = await startExample(t, 'broadcast');
  const [ada, bob] = [await openSocket(t, host), await openSocket(t, host)];
  const [atAda, atBob] = [nextMessage(ada), nextMessage(bob)];
  ada.send('你好');
  assert.deepEqual([await atAda, await atBob], ['你好', '你好']);
});

test('events sends each line to all pages, and to a page that comes back those it has missed', async (t) => {
  const host = await startExample(t, 'events');
  const send = async (text: string): Promise<void> => {
    const response = await fetch(`http://${host}/lines`, { method: 'POST', body: new URLSearchParams({ text }) });
    assert.equal(response.status, 204);
  };
  assert.match(await (await fetch(`http://${host}/`)).text(), /new EventSource\('\/events'\)/);
  const end = new AbortController();
  t.after(() => end.abort());
  const open = async (lastEventId: string): Promise<(text: string) => Promise<void>> => {
    const headers = { 'Last-Event-ID': lastEventId };
    const { body } = await fetch(`http://${host}/events`, { signal: end.signal, headers });
    const parts = (body ?? assert.fail()).pipeThrough(new TextDecoderStream()).getReader();
    let received = '';
    return async (expected) => {
      while (received.length < expected.length) received += (await parts.read()).value ?? assert.fail(received);
      assert.equal(received, expected);
    };
  };
  const [one, two, three] = ['eins\nzwei', '你好', 'drei'].map(
    (text, index) => `event: line\nid: ${index + 1}\ndata: ${JSON.stringify({ text })}\n\n`,
  );
  const first = await open('');
  await send('eins\nzwei');
  await first(`${one}`);
  await send('你好');
  const second = await open('1');
  await send('drei');
  await first(`${one}${two}${three}`);
  await second(`${two}${three}`);
});

test('an example with several processes prints one line, and Ctrl-C at npm stops it', async (t) => {
  // A terminal signals every process of its group, including npm, which then signals the program again.
  const npm = spawn('npm', ['run', '--silent', 'example', '--', 'hello', '--port=0', '--processes=2'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(npm, 'exit');
  let output = '';
  t.after(() => {
    if (npm.exitCode === null && npm.signalCode === null) process.kill(-npm.pid!, 'SIGKILL');
  });
  for await (const chunk of npm.stdout) {
    output += String(chunk);
    const [url] = /http:.*(?=\n)/.exec(output) ?? [];
    if (url === undefined) continue;
    assert.equal(await (await fetch(url, { headers: { connection: 'close' } })).text(), 'Hello, world!');
    process.kill(-npm.pid!, 'SIGINT');
  }
  assert.deepEqual(await ended, [0, null]);
  assert.match(output, /^hello listens on http:\/\/127\.0\.0\.1:\d+\/\n$/);
});

test('a port in use prints one line and exits with code 1', async (t) => {
  const { port } = new URL(`http://${await startExample(t, 'hello')}`);
  const child = spawn(process.execPath, [
    '--conditions=gale-source',
    runner,
    'echo',
    `--port=${port}`,
    '--processes=2',
  ]);
  const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.equal(code, 1);
  assert.equal(output, 'The port is in use; choose another with --port.\n');
});

test('an unknown example is refused with the known names', async () => {
  const child = spawn(process.execPath, ['--conditions=gale-source', runner, 'hallo']);
  const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  assert.equal(code, 1);
  assert.match(output, /^There is no example "hallo"\.\n/);
  assert.match(output, /hello, http-echo, echo, broadcast/);
  assert.doesNotMatch(output, /\n\s+at /);
});
