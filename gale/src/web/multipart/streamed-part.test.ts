/** Handlers with `bodyMode = 'stream'`: nothing is read ahead, parts arrive with backpressure. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { formOf } from '../../../test/support/web/multipart-request.ts';
import { serve } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { MultipartReader } from './multipart-reader.ts';
import { streamParts, type StreamedPart } from './streamed-part.ts';

/** No limit of memory. */
const uncounted = { keepBytes() {}, dropBytes() {} };

const mebibyte = 1024 * 1024;
const limits = { maxParts: 100, maxPartHeaderBytes: 1_000, maxFieldBytes: 1_000, maxFileBytes: 100 * mebibyte };

const head = (name: string, filename?: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n\r\n`;

test('iterates fields and files in order, as text, bytes or a stream', async (t) => {
  class Parts extends RequestHandler {
    static override readonly bodyMode = 'stream';
    async post(): Promise<void> {
      assert.equal(this.getBodyArgument('a', 'none'), 'none');
      const got: unknown[] = [];
      for await (const part of this.parts()) {
        if (part.filename === undefined) got.push([part.name, await part.text()]);
        else {
          let size = 0;
          for await (const piece of part.stream()) size += (piece as Buffer).length;
          got.push([part.name, part.filename, part.type, size]);
        }
      }
      this.write({ got });
    }
  }
  const served = await serve(t, [['/', Parts]]);
  const init = formOf([
    ['a', ' 1 ä '],
    ['f', new Blob(['x'.repeat(3 * mebibyte)], { type: 'text/plain' }), 'dir/f.txt'],
    ['b', ''],
  ]);
  assert.deepEqual(await (await served.get('/', init)).json(), {
    got: [
      ['a', ' 1 ä '],
      ['f', 'f.txt', 'text/plain', 3 * mebibyte],
      ['b', ''],
    ],
  });
  const json = await served.get('/', { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } });
  assert.equal(json.status, 415);
  assert.equal(json.headers.get('accept'), 'multipart/form-data');
});

test('parts that were not read are skipped, and cannot be read later', async (t) => {
  class Parts extends RequestHandler {
    static override readonly bodyMode = 'stream';
    async post(): Promise<void> {
      const seen: StreamedPart[] = [];
      for await (const part of this.parts()) {
        seen.push(part);
        if (part.name === 'half') for await (const piece of part) if (piece.length > 0) break;
      }
      assert.deepEqual(
        seen.map(({ name }) => name),
        ['big', 'half', 'last'],
      );
      for (const part of seen) {
        await assert.rejects(part.bytes(), { code: 'WEB_PART', message: /has passed; read a part before the loop/ });
      }
      this.write('skipped');
    }
  }
  const served = await serve(t, [['/', Parts]]);
  const large = new Blob(['x'.repeat(mebibyte)]);
  const init = formOf([
    ['big', large, 'big'],
    ['half', large, 'half'],
    ['last', '1'],
  ]);
  assert.equal(await (await served.get('/', init)).text(), 'skipped');
});

async function* twoParts(): AsyncGenerator<Buffer> {
  for (const text of [head('a'), '1', '2', `\r\n${head('b')}3\r\n--b--`]) {
    await Promise.resolve();
    yield Buffer.from(text);
  }
}

test('a part is read once, and not together with the loop', async () => {
  const reader = new MultipartReader(twoParts(), 'b', limits);
  const first = await reader.next();
  assert.ok(first);
  const content = first.content()[Symbol.asyncIterator]();
  assert.equal(String((await content.next()).value), '1');
  const reading = content.next();
  await assert.rejects(reader.next(), { code: 'WEB_PART', message: /while a part is being read/ });
  assert.equal(String((await reading).value), '2');
  await assert.rejects(first.content()[Symbol.asyncIterator]().next(), {
    code: 'WEB_PART',
    message: 'The part "a" was already read.',
  });
  assert.equal((await reader.next())?.head.name, 'b');
  assert.equal(await reader.next(), undefined);
});

test('reads the body only as fast as the parts are read', async () => {
  let sent = 0;
  const source = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from(head('f', 'f'));
    for (let count = 0; count < 100; count++) {
      sent += 10_000;
      yield Buffer.alloc(10_000);
    }
    yield Buffer.from('\r\n--b--');
  };
  let read = 0;
  for await (const part of streamParts(source(), uncounted, 'b', limits)) {
    assert.ok(sent <= 10_000);
    for await (const piece of part) {
      read += piece.length;
      assert.ok(sent - read < 11_000, `${sent - read} bytes wait`);
    }
  }
  assert.equal(read, 1_000_000);
});

test('a slow reader pauses the client', async (t) => {
  const go = Promise.withResolvers<void>();
  class Slow extends RequestHandler {
    static override readonly bodyMode = 'stream';
    async post(): Promise<void> {
      for await (const part of this.parts()) {
        await go.promise;
        this.write({ size: (await part.bytes()).length });
      }
    }
  }
  const served = await serve(t, [['/', Slow]]);
  const socket = connect(served.port, '127.0.0.1');
  t.after(() => socket.destroy());
  const size = 50 * mebibyte;
  const start = head('f', 'f');
  const end = '\r\n--b--';
  const length = size + start.length + end.length;
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n${start}`,
  );
  socket.write(Buffer.alloc(size));
  socket.write(end);
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  // What the kernel takes is far less than the file.
  await eventually(() => socket.bytesWritten > 0);
  assert.ok(socket.writableLength > 10 * mebibyte);
  go.resolve();
  await eventually(() => received.includes(`{"size":${size}}`));
});

test('leaving the loop discards the rest, and limits are kept', async (t) => {
  class First extends RequestHandler {
    static override readonly bodyMode = 'stream';
    async post(): Promise<void> {
      for await (const part of this.parts()) {
        this.write({ first: part.name, size: (await part.bytes()).length });
        break;
      }
    }
  }
  const served = await serve(t, [['/', First]], { maxFieldBytes: 10, maxFileBytes: 1_000 });
  const rest = new Blob(['x'.repeat(2 * mebibyte)]);
  const early = await served
    .get(
      '/',
      formOf([
        ['a', '1'],
        ['f', rest, 'f'],
      ]),
    )
    .catch(() => undefined);
  // The server may close the connection before the client has sent everything.
  if (early !== undefined) assert.deepEqual(await early.json(), { first: 'a', size: 1 });
  for (const [entry, reason] of [
    [['a', 'x'.repeat(11)], /field "a" is over 10 bytes \(maxFieldBytes\)/],
    [['f', new Blob(['x'.repeat(1_001)]), 'f'], /file of "f" is over 1000 bytes \(maxFileBytes\)/],
  ] as const) {
    const response = await served.get('/', formOf([entry]));
    assert.equal(response.status, 413);
    assert.match(((await response.json()) as { detail: string }).detail, reason);
  }
});

test('a truncated or malformed body ends the loop with 400', async (t) => {
  class Parts extends RequestHandler {
    static override readonly bodyMode = 'stream';
    async post(): Promise<void> {
      for await (const part of this.parts()) await part.bytes();
    }
  }
  const served = await serve(t, [['/', Parts]]);
  for (const body of ['', head('a'), `${head('a')}1`, `${head('a')}1\r\n`, '--b\r\nX: y\r\n\r\n\r\n--b--']) {
    const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
    assert.equal((await served.get('/', { method: 'POST', body, headers })).status, 400, body);
  }
});

test('parts() needs bodyMode, and an unknown mode is an error at the start', async (t) => {
  class Parsed extends RequestHandler {
    post(): void {
      this.parts();
    }
  }
  const served = await serve(t, [['/', Parsed]]);
  assert.equal((await served.get('/', formOf([['a', '1']]))).status, 500);
  await served.expectLine(/parts\(\) needs static bodyMode = 'stream'/);
  class Wrong extends RequestHandler {
    static override readonly bodyMode = 'streaming' as never;
    post(): void {}
  }
  await assert.rejects(serve(t, [['/', Wrong]]), {
    message: 'bodyMode of Wrong must be "parsed" or "stream"; got "streaming".',
  });
});

test('in stream mode the XSRF token must come in a header', async (t) => {
  let isRead = false;
  class Guarded extends RequestHandler {
    static override readonly bodyMode = 'stream';
    get(): void {
      this.write(this.xsrfToken);
    }
    async post(): Promise<void> {
      for await (const part of this.parts()) isRead = part.name === 'a' || isRead;
      this.write('read');
    }
  }
  const served = await serve(t, [['/', Guarded]], { xsrfCookies: true });
  const page = await served.get('/');
  const cookie = page.headers.get('set-cookie')?.split(';')[0] ?? '';
  const token = await page.text();
  const init = formOf([
    ['a', '1'],
    ['_xsrf', token],
  ]);
  assert.equal((await served.get('/', { ...init, headers: { cookie } })).status, 403);
  await served.expectLine(/argument missing/);
  assert.equal(isRead, false);
  const response = await served.get('/', { ...init, headers: { cookie, 'X-Xsrftoken': token } });
  assert.equal(await response.text(), 'read');
});

test('a part that is read into memory counts for maxBodyMemoryBytes until the loop continues', async (t) => {
  class Parts extends RequestHandler {
    static override readonly bodyMode = 'stream';
    async post(): Promise<void> {
      let size = 0;
      for await (const part of this.parts()) size += (await part.bytes()).length;
      this.write(String(size));
    }
  }
  const served = await serve(t, [['/', Parts]], { server: { maxBodyMemoryBytes: 200_000 } });
  const send = (...sizes: readonly number[]): Promise<Response> => {
    const body = new FormData();
    for (const size of sizes) body.append('file', new Blob(['x'.repeat(size)]), 'a');
    return served.get('/', { method: 'POST', body });
  };
  assert.equal(await (await send(90_000, 90_000, 90_000, 90_000)).text(), '360000');
  assert.equal((await send(90_000, 300_000)).status, 413);
});
