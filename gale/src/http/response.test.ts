import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpResponse } from './response.ts';
import { requestText, serve, untilStable } from '../../test/support/http/http-server.ts';

const plain = [['Content-Type', 'text/plain']] as const;

test('sends a whole response with status, reason, headers in order, length and date', async (t) => {
  const { connect } = await serve(t, (_, response) => {
    response.send(
      201,
      [
        ['X-B', '1'],
        ['x-a', 'caf\xe9'],
        ['X-B', '2'],
      ],
      'hällo 😀',
      'Made',
    );
    assert.ok(response.headSent && response.finished);
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  await client.until((received) => received.endsWith(Buffer.from('😀').toString('latin1')));
  assert.match(
    client.received.replace(/Date: .*?\r\n/, (line) => {
      assert.ok(Math.abs(Date.parse(line.slice(6)) - Date.now()) < 5_000);
      return 'Date\r\n';
    }),
    /^HTTP\/1\.1 201 Made\r\nX-B: 1\r\nx-a: caf\xe9\r\nX-B: 2\r\nContent-Length: 11\r\nDate\r\n\r\nh\xc3\xa4llo /,
  );
});

/** Bytes in which a shifted or missing part is visible. */
function bytesOf(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => index % 251));
}

test('sends bytes unchanged, small and large', async (t) => {
  const sizes = [0, 1, 4096, 4097, 100_000, 1_000_000];
  const { connect } = await serve(t, (request, response) => {
    response.send(200, plain, new Uint8Array(bytesOf(Number(request.path.slice(1)))));
  });
  const client = await connect();
  for (const size of sizes) {
    await client.send(requestText(`GET /${size}`));
    const { body } = await client.readResponse();
    assert.ok(Buffer.from(body, 'latin1').equals(bytesOf(size)), `${size} bytes`);
  }
});

test('sends no body for HEAD, 204 and 304, and the next response directly after', async (t) => {
  const { connect } = await serve(t, (request, response) => {
    const status = Number(request.path.slice(1));
    if (request.query === 'start') {
      response.start(status, plain);
      void response.write('body');
      void response.end();
    } else if (status === 304) {
      response.send(status, [['Content-Length', '99'], ...plain]);
    } else {
      response.send(status, plain, status === 204 ? undefined : 'body');
    }
  });
  const client = await connect();
  await client.send(
    [
      requestText('HEAD /200'),
      requestText('GET /204'),
      requestText('GET /304'),
      requestText('HEAD /200?start'),
      requestText('GET /204?start'),
      requestText('GET /304?start'),
      requestText('GET /200'),
    ].join(''),
  );
  const lengths: (string | undefined)[] = [];
  for (let index = 0; index < 6; index++) {
    const { headers, head } = await client.readResponse(false);
    lengths.push(headers.get('content-length'));
    assert.ok(!headers.has('transfer-encoding'), head);
  }
  assert.deepEqual(lengths, ['4', undefined, '99', undefined, undefined, undefined]);
  assert.equal((await client.readResponse()).body, 'body');
});

test('sends 205 with Content-Length: 0', async (t) => {
  const { connect } = await serve(t, (request, response) => {
    if (request.path === '/send') return response.send(205, plain, 'content');
    response.start(205, plain);
    void response.write('content');
    void response.end();
  });
  const client = await connect();
  for (const path of ['/send', '/start']) {
    await client.send(requestText(`GET ${path}`));
    const { headers } = await client.readResponse(false);
    assert.equal(headers.get('content-length'), '0');
    assert.equal(headers.has('transfer-encoding'), false);
  }
  assert.equal(client.received, '');
});

test('ends a successful response to CONNECT after its head, sends the body of a refusal, and closes after both', async (t) => {
  const { connect } = await serve(t, (request, response) => {
    const status = Number(request.host.slice(0, 3));
    if (request.headers.has('streamed')) {
      response.start(status, plain);
      void response.write('body');
      void response.end();
    } else {
      response.send(status, plain, 'body');
    }
  });
  for (const more of [[], ['Streamed: 1']]) {
    const good = await connect();
    await good.send(requestText('CONNECT 200.test:443', ...more));
    const { headers } = await good.readResponse(false);
    assert.deepEqual(
      [headers.get('connection'), headers.has('content-length'), headers.has('transfer-encoding')],
      ['close', false, false],
    );
    assert.equal(await good.rest(), '');
    const refused = await connect();
    await refused.send(requestText('CONNECT 405.test:443', ...more));
    const refusal = await refused.readResponse();
    assert.deepEqual([refusal.status, refusal.body, refusal.headers.get('connection')], [405, 'body', 'close']);
    assert.equal(await refused.rest(), '');
  }
});

test('chunks a streamed response and writes parts of one turn together with the head', async (t) => {
  const { connect } = await serve(t, async (_, response) => {
    response.start(200, plain);
    void response.write('one ');
    void response.write('');
    await response.write('zwö');
    await response.write(new Uint8Array([0x21]));
    await response.end();
  });
  const client = await connect();
  const reads: string[] = [];
  client.socket.on('data', (text: string) => reads.push(text));
  await client.send(requestText('GET /'));
  const { headers, body } = await client.readResponse();
  assert.equal(headers.get('transfer-encoding'), 'chunked');
  assert.equal(body, 'one zw\xc3\xb6!');
  assert.equal(reads.length, 1);
});

test('writes the head of a streamed response without waiting for a part', async (t) => {
  const responses: HttpResponse[] = [];
  const { connect } = await serve(t, (_, response) => {
    response.start(200, plain);
    responses.push(response);
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  await client.until((received) => received.endsWith('\r\n\r\n'));
  await responses[0]?.write('later');
  await responses[0]?.end();
  assert.equal((await client.readResponse()).body, 'later');
});

test('does not chunk a streamed response with Content-Length', async (t) => {
  const { connect } = await serve(t, (_, response) => {
    response.start(200, [['content-length', '6']]);
    void response.write('abc');
    void response.write('def');
    void response.end();
  });
  const client = await connect();
  for (let round = 0; round < 2; round++) {
    await client.send(requestText('GET /'));
    const { headers, body } = await client.readResponse();
    assert.equal(body, 'abcdef');
    assert.ok(!headers.has('transfer-encoding'));
  }
});

test('ends a streamed response to HTTP/1.0 with the connection', async (t) => {
  const { connect } = await serve(t, (_, response) => {
    response.start(200, plain);
    void response.write('abc');
    void response.end();
  });
  const client = await connect();
  await client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
  const { headers, body } = await client.readResponse();
  assert.equal(headers.get('connection'), 'close');
  assert.ok(!headers.has('transfer-encoding'));
  assert.equal(body, 'abc');
});

for (const [how, parts] of [
  ['shorter', ['ab']],
  ['longer', ['abcd', 'ef']],
] as const) {
  test(`resets the connection of a body ${how} than its Content-Length and logs an error`, async (t) => {
    const codes: string[] = [];
    const { connect, complaints } = await serve(t, async (_, response) => {
      response.start(200, [['Content-Length', '5']]);
      try {
        for (const part of parts) await response.write(part);
        await response.end();
      } catch (error) {
        codes.push((error as { code: string }).code);
      }
    });
    const client = await connect();
    await client.send(requestText('GET /'));
    assert.equal(await client.closed, true);
    assert.deepEqual(codes, ['HTTP_RESPONSE_LENGTH']);
    assert.equal(complaints[0]?.message, 'Response failed');
    assert.match(String(complaints[0]?.fields['err']), new RegExp(how));
    assert.ok(!client.received.includes('abcde'));
    complaints.length = 0;
  });
}

test('delays write while the client reads slowly', async (t) => {
  const part = Buffer.alloc(256 * 1024, 'x');
  const count = 200;
  let written = 0;
  const { connect } = await serve(t, async (_, response) => {
    response.start(200, plain);
    for (; written < count; written++) await response.write(part);
    await response.end();
  });
  const client = await connect();
  client.socket.pause();
  await client.send(requestText('GET /'));
  await untilStable(() => written);
  assert.ok(written < count, `${written} parts written to a client that reads nothing`);
  client.socket.resume();
  assert.equal((await client.readResponse()).body.length, count * part.length);
});

test('rejects write when the client has gone; an unhandled rejection has no effect', async (t) => {
  const { promise: done, resolve } = Promise.withResolvers<string>();
  const { connect } = await serve(t, async (_, response) => {
    response.start(200, plain);
    try {
      for (;;) {
        void response.write(Buffer.alloc(100_000));
        await response.write('x');
      }
    } catch (error) {
      void response.write('x');
      void response.end();
      resolve((error as { code: string }).code);
    }
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  await client.until((received) => received.length > 0);
  client.socket.resetAndDestroy();
  assert.equal(await done, 'HTTP_CLIENT_GONE');
});

test('rejects invalid headers and bodies before anything is sent', async (t) => {
  const attempts: readonly [string, (response: HttpResponse) => void][] = [
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['A', 'b\r\nC: d']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['A', 'b\nc']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['A', 'b\rc']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['A', 'b\0']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['A', '\u0100']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['A', '\u560d\u560a']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['A\r\nB', 'c']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['A ', 'c']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['', 'c']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.start(200, [['A', 'b\r\nC: d']])],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['Transfer-Encoding', 'chunked']], 'x')],
    [
      'HTTP_RESPONSE_HEADER',
      (response) =>
        response.send(
          200,
          [
            ['Content-Length', '1'],
            ['Content-Length', '1'],
          ],
          'x',
        ),
    ],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [['Content-Length', '-1']], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200, [], 'x', 'OK\r\nA: b')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(101, [], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(600, [], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(1000, [], 'x')],
    ['HTTP_RESPONSE_HEADER', (response) => response.send(200.5, [], 'x')],
    [
      'HTTP_RESPONSE_HEADER',
      (response) => response.send(200, [['A', { toString: () => 'b' } as unknown as string]], 'x'),
    ],
    ['HTTP_RESPONSE_BODY', (response) => response.send(200, [], new Uint16Array(4) as unknown as Uint8Array)],
    ['HTTP_RESPONSE_BODY', (response) => response.send(200, [], new ArrayBuffer(4) as unknown as Uint8Array)],
    ['HTTP_RESPONSE_BODY', (response) => response.send(200, [], { a: 1 } as unknown as string)],
    ['HTTP_RESPONSE_BODY', (response) => response.send(200, [], null as unknown as string)],
    ['HTTP_RESPONSE_LENGTH', (response) => response.send(200, [['Content-Length', '2']], 'x')],
  ];
  const { connect } = await serve(t, (request, response) => {
    const [code, attempt] = attempts[Number(request.path.slice(1))] as (typeof attempts)[0];
    assert.throws(() => attempt(response), { code });
    assert.equal(response.headSent, false);
    response.send(200, plain, 'good');
  });
  const client = await connect();
  for (const index of attempts.keys()) {
    await client.send(requestText(`GET /${index}`));
    assert.equal((await client.readResponse()).body, 'good', String(attempts[index]?.[1]));
  }
});

test('rejects a second start, and write or end before start or after end', async (t) => {
  const { connect } = await serve(t, async (_, response) => {
    await assert.rejects(response.write('x'), { code: 'HTTP_RESPONSE_STATE' });
    await assert.rejects(response.end(), { code: 'HTTP_RESPONSE_STATE' });
    response.start(200, plain);
    assert.throws(() => response.start(200, plain), { code: 'HTTP_RESPONSE_STATE' });
    assert.throws(() => response.send(200, plain, 'x'), { code: 'HTTP_RESPONSE_STATE' });
    await response.end();
    await assert.rejects(response.write('x'), { code: 'HTTP_RESPONSE_STATE' });
    await assert.rejects(response.end(), { code: 'HTTP_RESPONSE_STATE' });
  });
  const client = await connect();
  await client.send(requestText('GET /'));
  assert.equal((await client.readResponse()).body, '');
});

test('joins the Connection header of the handler with that of the server, and closes if it contains close', async (t) => {
  const { connect } = await serve(t, (request, response) => {
    const value = request.path === '/upgrade' ? 'Upgrade' : 'x, close';
    response.send(
      426,
      [
        ['Upgrade', 'websocket'],
        ['Connection', value],
      ],
      'x',
    );
  });
  const client = await connect();
  await client.send(requestText('GET /upgrade'));
  assert.equal((await client.readResponse()).headers.get('connection'), 'Upgrade');
  await client.send('GET /upgrade HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
  assert.equal((await client.readResponse()).headers.get('connection'), 'Upgrade, keep-alive');
  await client.send(requestText('GET /close'));
  assert.equal((await client.readResponse()).headers.get('connection'), 'x, close');
  assert.equal(await client.rest(), '');
});

test('sends the Date of the handler instead of that of the server', async (t) => {
  const { connect } = await serve(t, (_, response) => response.send(200, [['date', 'then']], 'x'));
  const client = await connect();
  await client.send(requestText('GET /'));
  assert.equal((await client.readResponse()).headers.get('date'), 'then');
});

test('resets the connection on destroy', async (t) => {
  const { connect } = await serve(t, (_, response) => response.destroy());
  const client = await connect();
  await client.send(requestText('GET /'));
  assert.equal(await client.closed, true);
  assert.equal(client.received, '');
});
