import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { RequestHandler } from '../handler.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { serve } from '../../../test/support/web/web-server.ts';

class Bodies extends RequestHandler {
  async post({ kind }: { kind: string }): Promise<void> {
    const read = { json: 'readJson', form: 'readForm', text: 'readText', bytes: 'readBytes' } as const;
    const method = read[kind as keyof typeof read];
    const value: unknown = await this[method]();
    assert.deepEqual(await this[method](), value);
    this.write({ value: Buffer.isBuffer(value) ? value.toString('latin1') : value });
  }
}

const routes = [['/:kind', Bodies]] as const;
const post = (body: string | Buffer, type: string | undefined, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  body: Buffer.from(body),
  headers: { ...(type === undefined ? {} : { 'Content-Type': type }), ...headers },
});
const postForm = (text: string): RequestInit => post(text, 'application/x-www-form-urlencoded');
/** A JSON string of `length` bytes, compressed. */
const zippedJson = (length: number): Buffer => gzipSync(`"${'x'.repeat(length - 2)}"`);
const valueOf = async (response: Response): Promise<unknown> => {
  assert.equal(response.status, 200, await response.clone().text());
  return ((await response.json()) as { value: unknown }).value;
};

test('reads JSON of any kind, with a byte order mark and under every type of JSON', async (t) => {
  const served = await serve(t, routes);
  for (const value of [{ a: [1, '中'] }, [], 'text', 5, null, true]) {
    const text = `\ufeff ${JSON.stringify(value)}\n`;
    for (const type of ['application/json', 'Application/JSON; charset="UTF-8"', 'application/merge-patch+json']) {
      assert.deepEqual(await valueOf(await served.get('/json', post(text, type))), value);
    }
  }
});

test('malformed JSON is 400 with its position', async (t) => {
  const served = await serve(t, routes);
  for (const [text, detail] of [
    ['{"a": 1,\n}', 'The body is not JSON: expected a name in double quotes at line 2, column 1.'],
    ['{"__proto__": {"admin": true}}', 'The body is not JSON: the name __proto__ is refused at line 1, column 2.'],
    ['', 'The body is empty; it must be JSON.'],
    [' \n', 'The body is empty; it must be JSON.'],
    [Buffer.from('"\xff"', 'latin1'), 'The body is not UTF-8.'],
  ] as const) {
    const response = await served.get('/json', post(text, 'application/json'));
    assert.equal(response.status, 400, detail);
    assert.ok((await response.text()).includes(detail), detail);
  }
});

test('a body of a wrong type is 415 with the accepted types', async (t) => {
  const served = await serve(t, routes);
  for (const type of [undefined, 'text/plain', 'text/json', 'application/x-www-form-urlencoded', 'json']) {
    const response = await served.get('/json', post('{}', type));
    assert.equal(response.status, 415, String(type));
    assert.equal(response.headers.get('accept'), 'application/json');
    assert.match(await response.text(), /Content-Type must be application\/json\./);
  }
  const form = await served.get('/form', post('{}', 'application/json'));
  assert.equal(form.status, 415);
  assert.match(form.headers.get('accept') ?? '', /^application\/x-www-form-urlencoded/);
  const charset = await served.get('/json', post('{}', 'application/json; charset=utf-16'));
  assert.equal(charset.status, 415);
  assert.match(await charset.text(), /charset of JSON must be UTF-8/);
});

test('reads a form as an object, with the values as they were sent', async (t) => {
  const served = await serve(t, routes, { maxArguments: 10 });
  assert.deepEqual(await valueOf(await served.get('/form', postForm('a=1&b=+x+&b=%E4%B8%AD&c='))), {
    a: '1',
    b: [' x ', '中'],
    c: '',
  });
  assert.deepEqual(await valueOf(await served.get('/form', postForm(''))), {});
  assert.deepEqual(Object.keys((await valueOf(await served.get('/form', postForm('toString=1')))) as object), [
    'toString',
  ]);
  assert.equal((await served.get('/form', postForm('a=%FF'))).status, 400);
  await served.expectLine(/Argument a is not UTF-8/);
  assert.equal((await served.get('/form', postForm('a&'.repeat(11)))).status, 400);
  await served.expectLine(/More than 10 arguments/);
});

test('reads text in the charset of its type', async (t) => {
  const served = await serve(t, routes);
  assert.equal(await valueOf(await served.get('/text', post('\ufeffcafé', undefined))), 'café');
  const latin = Buffer.from('caf\xe9', 'latin1');
  assert.equal(await valueOf(await served.get('/text', post(latin, 'text/plain; charset=ISO-8859-1'))), 'café');
  assert.equal((await served.get('/text', post(latin, 'text/plain'))).status, 400);
  assert.equal((await served.get('/text', post(latin, 'text/plain; charset=klingon'))).status, 415);
});

test('decodes gzip, br and zstd for every kind of body, and again for the next request', async (t) => {
  const served = await serve(t, routes);
  for (const [coding, encode] of [
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['identity', (bytes: Buffer) => bytes],
    ['identity, gzip', gzipSync],
  ] as const) {
    const headers = { 'Content-Encoding': coding };
    const send = (kind: string, text: string, type: string): Promise<Response> =>
      served.get(`/${kind}`, post(encode(Buffer.from(text)), type, headers));
    assert.deepEqual(await valueOf(await send('json', '{"a":[1]}', 'application/json')), { a: [1] }, coding);
    assert.deepEqual(await valueOf(await send('form', 'a=1', 'application/x-www-form-urlencoded')), { a: '1' });
    assert.equal(await valueOf(await send('text', 'text', 'text/plain')), 'text');
    assert.equal(await valueOf(await send('bytes', 'bytes', 'application/octet-stream')), 'bytes');
  }
});

test('refuses an unknown coding, a bomb and corrupt content', async (t) => {
  const served = await serve(t, routes, { maxFormBytes: 1_000, server: { maxBodyBytes: 10_000 } });
  const send = (kind: string, bytes: Buffer, type: string, coding = 'gzip'): Promise<Response> =>
    served.get(`/${kind}`, post(bytes, type, { 'Content-Encoding': coding }));
  const unknown = await send('json', gzipSync('{}'), 'application/json', 'deflate');
  assert.equal(unknown.status, 415);
  assert.equal(unknown.headers.get('accept-encoding'), 'gzip, br, zstd');
  assert.equal((await send('json', zippedJson(10_000), 'application/json')).status, 200);
  assert.equal((await send('json', zippedJson(10_001), 'application/json')).status, 413);
  assert.equal((await send('json', zippedJson(50_000_000).subarray(0, 9_000), 'application/json')).status, 413);
  const form = 'application/x-www-form-urlencoded';
  assert.equal((await send('form', gzipSync('a='.padEnd(1_000, 'x')), form)).status, 200);
  assert.equal((await send('form', gzipSync('a='.padEnd(1_001, 'x')), form)).status, 413);
  const broken = await send('json', gzipSync('{}').subarray(0, 10), 'application/json');
  assert.equal(broken.status, 400);
  assert.match(await broken.text(), /not valid gzip/);
});

test('readBytes returns the same bytes again, also after the form was parsed', async (t) => {
  class Reader extends RequestHandler {
    async post(): Promise<void> {
      assert.equal(await this.readBytes(), await this.readBytes());
      assert.equal(await this.readText(), (await this.readBytes()).toString());
      this.write({ argument: this.getBodyArgument('a', null), form: await this.readForm() });
    }
  }
  const served = await serve(t, [['/', Reader]]);
  const response = await served.get('/', post('a=1', 'application/x-www-form-urlencoded'));
  assert.deepEqual(await response.json(), { argument: '1', form: { a: '1' } });
});

test('decoded content and fields count for maxBodyMemoryBytes until the response, and a refusal is a 503 with a problem', async (t) => {
  let isWaiting = false;
  const { promise: mayRespond, resolve: respond } = Promise.withResolvers<void>();
  class Waiting extends RequestHandler {
    async post(): Promise<void> {
      const { length } = await this.readText();
      isWaiting = true;
      await mayRespond;
      this.write(String(length));
    }
  }
  class Form extends RequestHandler {
    async post(): Promise<void> {
      this.write(Object.keys(await this.readForm()).join());
    }
  }
  const served = await serve(t, [['/wait', Waiting] as const, ['/form', Form] as const, ...routes], {
    server: { maxBodyMemoryBytes: 1_300_000 },
  });
  const zipped = post(gzipSync('x'.repeat(700_000)), 'text/plain', { 'Content-Encoding': 'gzip' });
  const waiting = served.get('/wait', zipped);
  await eventually(() => isWaiting);
  const accept = { Accept: 'application/json' };
  const bomb = { ...accept, 'Content-Encoding': 'gzip' };
  const fields = new FormData();
  for (let field = 0; field < 5; field++) fields.append(`field${field}`, 'x'.repeat(150_000));
  for (const [path, init] of [
    ['/text', post('x'.repeat(700_000), 'text/plain', accept)],
    ['/text', post(gzipSync('x'.repeat(700_000)), 'text/plain', bomb)],
    ['/form', { method: 'POST', body: fields, headers: accept }],
  ] as const) {
    const response = await served.get(path, init);
    assert.equal(response.status, 503);
    assert.equal(response.headers.get('retry-after'), '5');
    const { detail, code } = (await response.json()) as Record<string, string>;
    assert.equal(code, 'HTTP_BODY_MEMORY');
    assert.match(detail ?? '', /no memory left for the body/);
  }
  await served.expectLine(/^warn: Request bodies refused: all bodies have reached maxBodyMemoryBytes/);
  assert.equal(await valueOf(await served.get('/text', post('small', 'text/plain'))), 'small');
  respond();
  assert.equal(await (await waiting).text(), '700000');
  assert.equal((await served.get('/form', { method: 'POST', body: fields })).status, 200);
  const tooLarge = await served.get('/text', post(gzipSync('x'.repeat(2_000_000)), 'text/plain', bomb));
  assert.equal(tooLarge.status, 413);
  assert.match(await tooLarge.text(), /over the limit of 1300000 bytes; send less/);
  const line = await served.expectLine(/^debug: Handler responded with an error \(Body of \d+ bytes or more/);
  assert.deepEqual([line.fields['option'], line.fields['status']], ['maxBodyMemoryBytes', 413]);
});

test('a body over a limit is 413 with size and limit, and only the log names the option', async (t) => {
  const own = class extends Bodies {
    override initialize(): void {
      this.request.body.setMaxBytes(5_000);
    }
  };
  const routes = [
    ['/:kind', Bodies],
    ['/own/:kind', own],
  ] as const;
  const limits = { maxFormBytes: 1_000, maxJsonBytes: 2_000, maxDecodedBytes: 3_000 };
  const served = await serve(t, routes, { ...limits, server: { maxBodyBytes: 4_000 } });
  const zip = { 'Content-Encoding': 'zstd', Accept: 'application/json' };
  const plain = { Accept: 'application/json' };
  const json = 'application/json';
  const form = 'application/x-www-form-urlencoded';
  for (const [path, option, limit, type, headers, makeBody] of [
    ['/form', 'maxFormBytes', 1_000, form, plain, (size: number) => 'a='.padEnd(size, 'x')],
    ['/form', 'maxFormBytes', 1_000, form, zip, (size: number) => zstdCompressSync('a='.padEnd(size, 'x'))],
    ['/json', 'maxJsonBytes', 2_000, json, plain, (size: number) => `"${'x'.repeat(size - 2)}"`],
    ['/json', 'maxJsonBytes', 2_000, json, zip, (size: number) => zstdCompressSync(`"${'x'.repeat(size - 2)}"`)],
    ['/text', 'maxDecodedBytes', 3_000, 'text/plain', zip, (size: number) => zstdCompressSync('x'.repeat(size))],
    ['/text', 'maxBodyBytes', 4_000, 'text/plain', plain, (size: number) => 'x'.repeat(size)],
    ['/own/json', 'setMaxBytes', 5_000, json, plain, (size: number) => `"${'x'.repeat(size - 2)}"`],
    ['/own/text', 'setMaxBytes', 5_000, 'text/plain', zip, (size: number) => zstdCompressSync('x'.repeat(size))],
  ] as const) {
    const send = (size: number): Promise<Response> => served.get(path, post(makeBody(size), type, headers));
    assert.equal((await send(limit)).status, 200, `${path} ${option}`);
    const response = await send(limit + 1);
    assert.equal(response.status, 413, `${path} ${option}`);
    const { detail } = (await response.json()) as { detail: string };
    assert.equal(detail, `Body of ${limit + 1} bytes or more is over the limit of ${limit} bytes; send less.`);
    const line = served.lines.findLast(({ message }) => message === 'Handler responded with an error');
    assert.deepEqual(
      [line?.level, line?.fields['option'], line?.fields['code']],
      ['debug', option, 'HTTP_BODY_TOO_LARGE'],
    );
  }
});

test('small bodies that would decode to much are refused after maxDecodedBytes, and several codings at once', async (t) => {
  const served = await serve(t, routes);
  const skippable = Buffer.alloc(32 * 1024 * 1024);
  skippable.writeUInt32LE(0x184d2a50, 0);
  skippable.writeUInt32LE(skippable.length - 8, 4);
  const bomb = brotliCompressSync(skippable, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
  assert.ok(bomb.length < 1_000);
  const send = (coding: string): Promise<Response> =>
    served.get('/text', post(bomb, 'text/plain', { 'Content-Encoding': coding }));
  const nested = await send('zstd, br');
  assert.equal(nested.status, 415);
  assert.match(await nested.text(), /Content-Encoding must be one coding, not several/);
  const plain = await send('br');
  assert.equal(plain.status, 413);
  assert.match(await plain.text(), /Body of 16\d+ bytes or more is over the limit of 16777216 bytes/);
  assert.equal(served.server.bodyMemoryBytes, 0);
});
