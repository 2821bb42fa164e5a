/** Log lines have one form: a stable message with a capital letter and without a full stop, and all values in fields. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpServer } from '../src/http/server.ts';
import { HttpError } from '../src/web/http-error.ts';
import { RequestHandler } from '../src/web/handler.ts';
import { WebSocketHandler } from '../src/web/websocket-handler.ts';
import { eventually } from './support/eventually.ts';
import { RawClient, requestText } from './support/http/http-server.ts';
import { messageForm, RecordedLog } from './support/recorded-log.ts';
import type { RecordedLine } from './support/recorded-log.ts';
import { filesBelow, textOf } from './support/repository.ts';
import { serve } from './support/web/web-server.ts';
import { connectPeer } from './support/websocket/websocket-peer.ts';

/** Messages that are no literal at the call: the file, the expression, and where its literals are. */
const passedOn: Readonly<Record<string, readonly [expressions: readonly string[], from: string]>> = {
  'gale/src/http/access-log.ts': [['end'], 'the type RequestEnd'],
  'gale/src/run/rate-limited-warning.ts': [
    ['this.#message', 'message'],
    'the calls of RateLimitedWarning, checked like a log call',
  ],
  'chat/log-without-tokens.ts': [['message'], 'the calls of the log that it wraps'],
};

const logCall =
  /\b[\w.#?]*[lL]og(?:ger)?\??\.(?:debug|info|warn|error)\(|\b(?:new RateLimitedWarning|RateLimitedWarning\.of)\(/g;
const literal = /^'((?:[^'\\]|\\.)*)'$|^"((?:[^"\\]|\\.)*)"$/;

/** Splits the arguments of the call whose parenthesis opens at `at`. Knows strings, templates and comments. */
function argumentsAt(text: string, at: number): string[] {
  const found: string[] = [];
  let depth = 0;
  let current = '';
  const pieces = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\/[^\n]*|[\s\S]/y;
  pieces.lastIndex = at;
  for (let piece = pieces.exec(text)?.[0]; piece !== undefined; piece = pieces.exec(text)?.[0]) {
    if (/^[([{]$/.test(piece)) depth++;
    if (/^[)\]}]$/.test(piece)) depth--;
    const isEnd = depth === 0;
    if (isEnd || (depth === 1 && piece === ',')) {
      found.push(current.replace(/^\(/, '').trim());
      current = '';
      if (isEnd) return found.filter((part) => part !== '');
    } else if (!piece.startsWith('//')) current += piece;
  }
  throw new Error(`The call at ${at} has no end.`);
}

test('splits the arguments of a call', () => {
  const text = "log.warn({ a: [1, 2], b: `${c(',')}` }, // why, not\n  'Not (this), but \\'that\\'',\n);";
  assert.deepEqual(argumentsAt(text, text.indexOf('(')), [
    "{ a: [1, 2], b: `${c(',')}` }",
    "'Not (this), but \\'that\\''",
  ]);
});

test('each log call has a literal message of the form, and its error is an Error in err', async () => {
  const sources = ['gale/src', 'chat', 'examples'].flatMap((folder) => filesBelow(folder));
  const files = sources.filter((path) => /\.tsx?$/.test(path) && !/\.test|\btest\/|\bdist\//.test(path));
  let callCount = 0;
  for (const path of files) {
    const text = await textOf(path);
    for (const { index, 0: begin } of text.matchAll(logCall)) {
      callCount++;
      const [fields = '', message = ''] = argumentsAt(text, index + begin.length - 1);
      const where = `${path}: ${message}`;
      assert.doesNotMatch(fields, /\berr: (?:String\(|[\w.]+\.message\b|['"`])/, where);
      if (passedOn[path]?.[0].includes(message) === true) continue;
      const [, single, double] = literal.exec(message) ?? [];
      assert.match(single ?? double ?? '', messageForm, where);
    }
  }
  assert.ok(callCount > 60, `only ${callCount} log calls were found`);
});

test('the messages of the access log have the form', async () => {
  const [, words = ''] = /type RequestEnd = ([^;]+);/.exec(await textOf('gale/src/http/access-log.ts')) ?? [];
  const messages = words.split('|').map((word) => word.trim().slice(1, -1));
  assert.ok(messages.length >= 3);
  for (const message of messages) assert.match(message, messageForm);
});

/** Reduces lines to what tests compare. Every message must have the form. */
function brief(lines: readonly RecordedLine[]): (readonly unknown[])[] {
  for (const { message } of lines) assert.match(message, messageForm);
  return lines
    .filter(({ message }) => !/^Request (?:completed|aborted)|^Connection upgraded/.test(message))
    .map(({ level, message, fields: { code, status, reason, err } }) => {
      assert.ok(err === undefined || err instanceof Error, message);
      return [level, message, code, status, reason ?? err?.message];
    });
}

test('a server logs refused requests, failed listeners and failed responses with stable messages', async (t) => {
  const log = new RecordedLog();
  const server = new HttpServer(
    async (request, response) => {
      if (request.path === '/short') {
        response.start(200, [['Content-Length', '5']]);
        void response.write('x');
        void response.end().catch(() => {});
      } else response.send(200, [], await request.body.bytes());
    },
    { log, maxBodyBytes: 3 },
  );
  const { port } = await server.listen(0, '127.0.0.1');
  t.after(() => server.close({ graceMs: 0 }));
  const exchange = async (text: string): Promise<void> => {
    const client = new RawClient(port);
    await client.opened;
    await client.send(text);
    await client.rest().catch(() => {});
    client.socket.destroy();
  };
  const chunked = requestText('POST /', 'Transfer-Encoding: chunked');
  const steps: readonly (readonly [text: string, lines: readonly (readonly unknown[])[]])[] = [
    ['GET\r\n\r\n', [['info', 'Request refused', 'HTTP_REQUEST_LINE', 400, /^Malformed request line/]]],
    [
      `${chunked}zz\r\n`,
      [
        ['info', 'Request body refused', 'HTTP_CHUNK', undefined, /chunk/],
        ['info', 'Request listener responded with an error', 'HTTP_CHUNK', 400, /chunk/],
      ],
    ],
    [
      requestText('POST /', 'Content-Length: 4', 'Connection: close') + 'four',
      [['info', 'Request listener responded with an error', 'HTTP_BODY_TOO_LARGE', 413, /the limit of 3 bytes/]],
    ],
    [
      requestText('GET /short'),
      [['error', 'Response failed', 'HTTP_RESPONSE_LENGTH', undefined, /shorter than its Content-Length/]],
    ],
  ];
  for (const [text, expected] of steps) {
    log.lines.length = 0;
    await exchange(text);
    await eventually(() => brief(log.lines).length >= expected.length);
    assertLines(brief(log.lines), expected);
  }
});

test('an application logs refusals of handlers and protocol errors of WebSockets with stable messages', async (t) => {
  class Refusing extends RequestHandler {
    get(): void {
      throw new HttpError(404, 'Story 7. Not found');
    }
    async post(): Promise<void> {
      await this.readBytes();
    }
    put(): void {
      throw new Error('Out of order.');
    }
  }
  const served = await serve(
    t,
    [
      ['/', Refusing],
      ['/socket', class extends WebSocketHandler {}],
    ],
    { server: { maxBodyBytes: 3 } },
  );
  const last = (): (readonly unknown[])[] => brief(served.lines).slice(-1);
  await served.get('/');
  assert.deepEqual(last(), [['warn', 'Handler responded with an error', undefined, 404, 'Story 7. Not found']]);
  await served.expectLine(/^warn: Handler responded with an error \(Story 7/);
  await served.get('/', { method: 'POST', body: 'four' });
  assertLines(last(), [
    ['debug', 'Handler responded with an error', 'HTTP_BODY_TOO_LARGE', 413, /the limit of 3 bytes/],
  ]);
  await served.get('/', { method: 'PUT' });
  assert.deepEqual(last(), [['error', 'A handler failed', undefined, undefined, 'Out of order.']]);
  await served.expectLine(/^error: A handler failed/);
  const peer = await connectPeer(served.port, requestText('GET /socket', ...upgrade));
  peer.write(Buffer.from('810161', 'hex'));
  await served.expectLine(/^info: WebSocket closed after a protocol error/);
  assertLines(last(), [['info', 'WebSocket closed after a protocol error', 'WS_MASK', undefined, /mask/]]);
});

const upgrade = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

function withoutReason(lines: readonly (readonly unknown[])[]): unknown[] {
  return lines.map((line) => line.slice(0, -1));
}

/** Compares lines; the last part of an expected line can be a pattern. */
function assertLines(lines: readonly (readonly unknown[])[], expected: readonly (readonly unknown[])[]): void {
  assert.deepEqual(withoutReason(lines), withoutReason(expected));
  for (const [index, line] of expected.entries()) {
    const reason = line.at(-1);
    const found = lines[index]?.at(-1);
    if (reason instanceof RegExp) assert.match(String(found), reason);
    else assert.equal(found, reason);
  }
}
