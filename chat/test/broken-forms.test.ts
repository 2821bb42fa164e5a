/**
 * Requests with invalid, oversized and truncated bodies: the client gets an error, the log gets no stack, and the next visitor
 * is served.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { serveChat, type ServedChat } from './support/app.ts';
import { password } from './support/chat-server.ts';
import { normalizedLengths } from './support/normalized-lengths.ts';

const formType = 'application/x-www-form-urlencoded';

/** Sends a raw request with a cookie and a body. @returns The whole response. */
async function send(
  chat: ServedChat,
  path: string,
  fields: readonly string[],
  body: string | Buffer,
  cookie: string,
): Promise<string> {
  const socket = connect(Number(new URL(chat.url).port), '127.0.0.1');
  socket.on('error', () => {});
  let received = '';
  socket.setEncoding('latin1').on('data', (data: string) => (received += data));
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: ${cookie}\r\n${fields.join('\r\n')}\r\n\r\n`,
  );
  socket.write(body);
  await once(socket, 'close');
  return received;
}

/** Cookie and token of a form that was just opened. */
async function openForm(chat: ServedChat): Promise<{ cookie: string; token: string }> {
  const visitor = chat.visitor();
  const page = await (await visitor.get('/register')).text();
  return { cookie: visitor.cookieHeader, token: /name="_xsrf" value="([^"]+)"/.exec(page)?.[1] ?? '' };
}

const chunked = (body: string, chunkBytes: number): string => {
  let text = '';
  for (let at = 0; at < body.length; at += chunkBytes) {
    const chunk = body.slice(at, at + chunkBytes);
    text += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
  }
  return `${text}0\r\n\r\n`;
};
const counted = (body: string | Buffer): string => `Content-Length: ${Buffer.byteLength(body)}`;

type Sent = readonly [fields: readonly string[], body: string | Buffer];
/** What is wrong, the expected status, and the request with the token of the form. */
const broken: readonly (readonly [what: string, status: number, make: (token: string) => Sent])[] = [
  [
    'a name that is not UTF-8',
    400,
    (token) => {
      const body = `_xsrf=${encodeURIComponent(token)}&name=%ff%fe&password=${encodeURIComponent(password)}`;
      return [[`Content-Type: ${formType}`, counted(body)], body];
    },
  ],
  [
    'a name of raw bytes that are not UTF-8',
    400,
    (token) => {
      const text = `_xsrf=${encodeURIComponent(token)}&password=${encodeURIComponent(password)}&name=`;
      const body = Buffer.concat([Buffer.from(text), Buffer.from([0xc3, 0x28])]);
      return [[`Content-Type: ${formType}`, counted(body)], body];
    },
  ],
  [
    'a password that is not UTF-8',
    400,
    (token) => {
      const body = `_xsrf=${encodeURIComponent(token)}&name=Ann&password=%c3%28aaaaaaaa`;
      return [[`Content-Type: ${formType}`, counted(body)], body];
    },
  ],
  [
    'a name of a field that is not UTF-8',
    400,
    (token) => {
      const body = `_xsrf=${encodeURIComponent(token)}&%ff=1`;
      return [[`Content-Type: ${formType}`, counted(body)], body];
    },
  ],
  [
    'a place to go that is not UTF-8',
    400,
    (token) => {
      const body = `_xsrf=${encodeURIComponent(token)}&name=Ann&password=${encodeURIComponent(password)}&next=%ff&lang=%ff`;
      return [[`Content-Type: ${formType}`, counted(body)], body];
    },
  ],
  [
    'a token that is not UTF-8',
    400,
    () => {
      const body = '_xsrf=%ff&name=%ff&password=%ff&next=%ff';
      return [[`Content-Type: ${formType}`, counted(body)], body];
    },
  ],
  [
    'more fields than a form may have',
    400,
    (token) => {
      const body = `_xsrf=${encodeURIComponent(token)}${'&a=1'.repeat(2000)}`;
      return [[`Content-Type: ${formType}`, counted(body)], body];
    },
  ],
  [
    'a Content-Length over the limit',
    413,
    (token) => [[`Content-Type: ${formType}`, 'Content-Length: 70000'], `_xsrf=${encodeURIComponent(token)}&name=A`],
  ],
  [
    'a chunked body over the limit',
    413,
    (token) => [
      [`Content-Type: ${formType}`, 'Transfer-Encoding: chunked'],
      chunked(`_xsrf=${encodeURIComponent(token)}&name=${'x'.repeat(70_000)}`, 4096),
    ],
  ],
  [
    'a broken chunk',
    400,
    (token) => [[`Content-Type: ${formType}`, 'Transfer-Encoding: chunked'], `5\r\n_xsrf\r\nzz\r\n=${token}`],
  ],
  [
    'a multipart body',
    415,
    (token) => {
      const body = `--b\r\nContent-Disposition: form-data; name="_xsrf"\r\n\r\n${token}\r\n--b--\r\n`;
      return [['Content-Type: multipart/form-data; boundary=b', counted(body)], body];
    },
  ],
  [
    'a multipart body over the limit',
    415,
    () => [['Content-Type: multipart/form-data; boundary=b', 'Content-Length: 99999999'], '--b\r\n'],
  ],
  ['a JSON body', 415, () => [['Content-Type: application/json', 'Content-Length: 2'], '{}']],
  ['a body without a type', 415, () => [['Content-Length: 6'], 'name=A']],
  [
    'a chunked body of another type over the limit',
    415,
    () => [['Content-Type: text/plain', 'Transfer-Encoding: chunked'], chunked('x'.repeat(70_000), 8192)],
  ],
  [
    'a compressed form that is cut',
    400,
    () => [[`Content-Type: ${formType}`, 'Content-Encoding: gzip', 'Content-Length: 3'], Buffer.from([31, 139, 8])],
  ],
  [
    'a compressed form that is larger than a form may be',
    413,
    (token) => {
      const body = gzipSync(`_xsrf=${encodeURIComponent(token)}&name=${'x'.repeat(10_000_000)}`);
      return [[`Content-Type: ${formType}`, 'Content-Encoding: gzip', counted(body)], body];
    },
  ],
  [
    'a form in an unknown coding',
    415,
    () => [[`Content-Type: ${formType}`, 'Content-Encoding: compress', 'Content-Length: 3'], 'abc'],
  ],
];

for (const path of ['/register', '/login', '/logout', '/language', '/me', '/nowhere']) {
  test(`invalid bodies for ${path} get 400, 413 or 415, and no error is logged`, async (t) => {
    const chat = await serveChat(t);
    const { cookie, token } = await openForm(chat);
    for (const [what, status, make] of broken) {
      for (const withToken of [true, false]) {
        const [fields, body] = make(withToken ? token : 'forged');
        const response = await send(chat, path, fields, body, withToken ? cookie : 'x=y');
        const found = Number(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1]);
        // Pages without these fields ignore them, and a forged token is refused first, except by a log-out without a session.
        const others = withToken
          ? path.startsWith('/register') || path === '/login'
            ? []
            : [303, 403, 404, 405, 400]
          : [403, 404, ...(path === '/logout' ? [303] : [])];
        assert.ok(found === status || (status === 400 && others.includes(found)), `${what} (${withToken}): ${found}`);
        assert.doesNotMatch(response, /\bat .*\.ts|Error:/, what);
      }
    }
    await chat.visitor().register('Ann');
  });
}

test('logs no error for a truncated body, and does not use its name and password', async (t) => {
  const chat = await serveChat(t);
  const { cookie, token } = await openForm(chat);
  for (const path of ['/register', '/login']) {
    for (const type of [formType, 'text/plain']) {
      const socket = connect(Number(new URL(chat.url).port), '127.0.0.1');
      socket.on('error', () => {});
      const body = `_xsrf=${encodeURIComponent(token)}&name=Ann&password=${encodeURIComponent(password)}`;
      socket.end(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\nContent-Type: ${type}\r\nContent-Length: 500\r\n\r\n${body}`,
      );
      socket.resume();
      await once(socket, 'close');
    }
  }
  await chat.visitor().register('Bob');
  assert.equal(await chat.store.accounts.findByNameKey('ann'), undefined);
});

test('rejects names and passwords that take quadratic time to normalize with 400, without normalizing them', async (t) => {
  const chat = await serveChat(t);
  const quadratic = `a${'\u0345'.repeat(10_000)}${'\u0334'.repeat(10_000)}`;
  const lengths = normalizedLengths(t);
  const { cookie, token } = await openForm(chat);
  for (const path of ['/register', '/login']) {
    for (const [name, secret] of [
      [quadratic, password],
      ['Ann', quadratic],
      [quadratic, 'x'.repeat(20_000)],
    ] as const) {
      // Raw UTF-8 has room for the longest text.
      const body = `_xsrf=${encodeURIComponent(token)}&name=${name}&password=${secret}`;
      const response = await send(chat, path, [`Content-Type: ${formType}`, counted(body)], body, cookie);
      assert.match(response, /^HTTP\/1\.1 400 /);
      assert.ok(response.length < 20_000, `the page has ${response.length} bytes`);
    }
  }
  assert.ok(Math.max(...lengths) <= 1024, `${Math.max(...lengths)}`);
});

test('a form without token gets 403, also if next is not UTF-8', async (t) => {
  const chat = await serveChat(t);
  const visitor = chat.visitor();
  const response = await visitor.post('/login?next=%ff', { name: 'Ann', password });
  assert.equal(response.status, 403);
  const page = await response.text();
  assert.match(page, /value="Ann"/);
  assert.match(page, /name="next"[^>]* value="\/"/);
});

test('ignores a next that is too long for an address', async (t) => {
  const chat = await serveChat(t);
  const response = await chat.visitor().submit('/register', { name: 'Ann', password, next: `/?${'x'.repeat(50_000)}` });
  assert.equal(response.status, 303);
  assert.equal(response.headers.get('location'), '/');
});
