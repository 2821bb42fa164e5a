import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { HttpError } from '../http-error.ts';
import { decodeContent, readCodings } from './content-coding.ts';

const encoders: Readonly<Record<string, (bytes: Uint8Array) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (bytes) => zstdCompressSync(bytes),
};

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

const decodeAll = async (
  source: AsyncIterable<Buffer>,
  codings: readonly string[],
  maxBytes: number,
): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of decodeContent(source, codings, maxBytes)) parts.push(part);
  return Buffer.concat(parts);
};
const decode = (bytes: Buffer, codings: readonly string[], maxBytes = 1e6, size = 1_000): Promise<Buffer> =>
  decodeAll(cut(bytes, size), codings, maxBytes);

test('reads the codings of a field, and refuses unknown ones and too many', () => {
  assert.deepEqual(readCodings(undefined), []);
  assert.deepEqual(readCodings('identity'), []);
  assert.deepEqual(readCodings('GZIP'), ['gzip']);
  assert.deepEqual(readCodings(' x-gzip , identity,br,, zstd'), ['gzip', 'br', 'zstd']);
  for (const value of ['deflate', 'gzip, compress', 'gzip,gzip,gzip,gzip', 'toString', `${'identity,'.repeat(20)}x`]) {
    assert.throws(
      () => readCodings(value),
      (error) =>
        error instanceof HttpError &&
        error.status === 415 &&
        error.headers.some(([name, text]) => name === 'Accept-Encoding' && text === 'gzip, br, zstd'),
      value,
    );
  }
});

test('decodes random bytes, cut anywhere, through one to three codings', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3_000 }),
      fc.array(fc.constantFrom('gzip', 'br', 'zstd'), { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 5_000 }),
      async (bytes, codings, size) => {
        const encoded = codings.reduce(
          (input, coding) => encoders[coding]?.(input) ?? input,
          Buffer.from(bytes) as Buffer,
        );
        assert.deepEqual(await decode(encoded, codings, 1e6, size), Buffer.from(bytes));
      },
    ),
    { numRuns: 100 },
  );
});

for (const [coding, encode] of Object.entries(encoders)) {
  test(`${coding}: refuses a body that is over the limit after decoding, with 413`, async () => {
    const bomb = encode(Buffer.alloc(20_000_000));
    assert.ok(bomb.length < 100_000);
    await assert.rejects(decode(bomb, [coding], 100_000), {
      code: 'HTTP_BODY_TOO_LARGE',
      status: 413,
      message: /^Body is over 100000 bytes after decoding /,
    });
    assert.equal((await decode(encode(Buffer.alloc(100_000)), [coding], 100_000)).length, 100_000);
    await assert.rejects(decode(encode(Buffer.alloc(100_001)), [coding], 100_000), { status: 413 });
  });

  test(`${coding}: refuses truncated and corrupt bytes with 400`, async () => {
    const whole = encode(Buffer.from('a text that is compressed '.repeat(20)));
    for (let length = 1; length < whole.length; length++) {
      await assert.rejects(decode(whole.subarray(0, length), [coding]), { status: 400 }, `${length}`);
    }
    await assert.rejects(decode(Buffer.from('no compressed bytes at all'), [coding]), { status: 400 });
    await assert.rejects(decode(Buffer.concat([whole, Buffer.from('and more')]), [coding]), { status: 400 });
  });

  test(`${coding}: passes on the error of its source`, async () => {
    const failing = (async function* () {
      yield encode(Buffer.from('x')).subarray(0, 5);
      throw new Error('the client has left');
    })();
    await assert.rejects(decodeAll(failing, [coding], 100), { message: 'the client has left' });
  });
}

for (const coding of ['gzip', 'zstd'] as const) {
  test(`${coding}: takes only a bounded part of an endless body`, async () => {
    const member = encoders[coding]?.(Buffer.alloc(10_000)) ?? Buffer.alloc(0);
    let taken = 0;
    const endless = (async function* () {
      for (;;) {
        taken += member.length;
        yield member;
      }
    })();
    await assert.rejects(decodeAll(endless, [coding], 1_000_000), { status: 413 });
    assert.ok(taken < 200_000, `took ${taken} bytes`);
  });
}

test('bounds what is between two codings', async () => {
  // Empty blocks: a large gzip of nothing.
  const head = Buffer.from('1f8b0800000000000003', 'hex');
  const blocks = Buffer.alloc(5 * 40_000, '000000ffff', 'hex');
  const inner = Buffer.concat([head, blocks, Buffer.from('03000000000000000000', 'hex')]);
  assert.equal((await decode(inner, ['gzip'])).length, 0);
  await assert.rejects(decode(gzipSync(inner), ['gzip', 'gzip'], 100_000), { status: 413 });
});

test('refuses zstd with a window over 8 MiB, whose memory would be the client’s choice', async () => {
  const large = zstdCompressSync(Buffer.alloc(20_000_000), {
    params: { [constants.ZSTD_c_windowLog]: 25, [constants.ZSTD_c_contentSizeFlag]: 0 },
  });
  await assert.rejects(decode(large, ['zstd'], 30_000_000), { status: 400 });
});
