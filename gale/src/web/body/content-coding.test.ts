import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync, constants, gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { GaleError } from '../../errors.ts';
import { HttpError } from '../http-error.ts';
import { decodeContent, readCoding, type Coding, type DecodedBodyLimits } from './content-coding.ts';

const encoders: Readonly<Record<Coding, (bytes: Uint8Array) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  br: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (bytes) => zstdCompressSync(bytes),
};

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

/** Limits of a test; counts the memory of the decoder. */
class Limits implements DecodedBodyLimits {
  readonly maxBytes: number;
  readonly #maxHeldBytes: number;
  heldBytes = 0;
  mostHeldBytes = 0;

  constructor(maxBytes: number, maxHeldBytes: number = Infinity) {
    this.maxBytes = maxBytes;
    this.#maxHeldBytes = maxHeldBytes;
  }

  overLimit(bytes: number): GaleError {
    return new GaleError('HTTP_BODY_TOO_LARGE', `${bytes} bytes`);
  }

  keepBytes(bytes: number): void {
    if (this.heldBytes + bytes > this.#maxHeldBytes) throw new GaleError('HTTP_BODY_MEMORY', 'no memory');
    this.heldBytes += bytes;
    this.mostHeldBytes = Math.max(this.mostHeldBytes, this.heldBytes);
  }

  dropBytes(bytes: number): void {
    this.heldBytes -= bytes;
  }
}

/** Decodes; whatever happens, the memory of the decoder must be given back. */
const decodeAll = async (source: AsyncIterable<Buffer>, coding: Coding, limits: Limits): Promise<Buffer> => {
  const parts: Buffer[] = [];
  try {
    for await (const part of decodeContent(source, coding, limits)) parts.push(part);
  } finally {
    assert.equal(limits.heldBytes, 0);
  }
  return Buffer.concat(parts);
};
const decode = (bytes: Buffer, coding: Coding, maxBytes = 1e6, size = 1_000): Promise<Buffer> =>
  decodeAll(cut(bytes, size), coding, new Limits(maxBytes));

test('reads the coding of a field, and refuses unknown ones and several', () => {
  assert.equal(readCoding(undefined), undefined);
  assert.equal(readCoding('identity'), undefined);
  assert.equal(readCoding('GZIP'), 'gzip');
  assert.equal(readCoding(' x-gzip , identity,,'), 'gzip');
  for (const [value, detail] of [
    ['deflate', /must be one of gzip, br, zstd/],
    ['gzip, br', /one coding, not several/],
    ['zstd,zstd', /one coding, not several/],
    ['gzip, compress', /one coding, not several/],
    ['toString', /must be one of/],
    [`${'identity,'.repeat(20)}x`, /must be one of/],
  ] as const) {
    assert.throws(
      () => readCoding(value),
      (error) =>
        error instanceof HttpError &&
        error.status === 415 &&
        detail.test(error.problem?.detail ?? '') &&
        error.headers.some(([name, text]) => name === 'Accept-Encoding' && text === 'gzip, br, zstd'),
      value,
    );
  }
});

test('decodes random bytes, cut anywhere', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 3_000 }),
      fc.constantFrom('gzip', 'br', 'zstd'),
      fc.integer({ min: 1, max: 5_000 }),
      async (bytes, coding, size) => {
        const encoded = encoders[coding](bytes);
        assert.deepEqual(await decode(encoded, coding, 1e6, size), Buffer.from(bytes));
      },
    ),
    { numRuns: 100 },
  );
});

for (const [coding, encode] of Object.entries(encoders) as [Coding, (bytes: Uint8Array) => Buffer][]) {
  test(`${coding}: refuses a body that is over the limit after decoding, with 413`, async () => {
    const bomb = encode(Buffer.alloc(20_000_000));
    assert.ok(bomb.length < 100_000);
    await assert.rejects(decode(bomb, coding, 100_000), {
      code: 'HTTP_BODY_TOO_LARGE',
      status: 413,
    });
    assert.equal((await decode(encode(Buffer.alloc(100_000)), coding, 100_000)).length, 100_000);
    await assert.rejects(decode(encode(Buffer.alloc(100_001)), coding, 100_000), { status: 413 });
  });

  test(`${coding}: refuses truncated and corrupt bytes with 400`, async () => {
    const whole = encode(Buffer.from('a text that is compressed '.repeat(20)));
    for (let length = 1; length < whole.length; length++) {
      await assert.rejects(decode(whole.subarray(0, length), coding), { status: 400 }, `${length}`);
    }
    await assert.rejects(decode(Buffer.from('no compressed bytes at all'), coding), { status: 400 });
    await assert.rejects(decode(Buffer.concat([whole, Buffer.from('and more')]), coding), { status: 400 });
  });

  test(`${coding}: passes on the error of its source`, async () => {
    const failing = (async function* () {
      yield encode(Buffer.from('x')).subarray(0, 5);
      throw new Error('the client has left');
    })();
    await assert.rejects(decodeAll(failing, coding, new Limits(100)), { message: 'the client has left' });
  });
}

for (const coding of ['gzip', 'zstd'] as const) {
  test(`${coding}: takes only a bounded part of an endless body`, async () => {
    const member = encoders[coding](Buffer.alloc(10_000));
    let taken = 0;
    const endless = (async function* () {
      for (;;) {
        taken += member.length;
        yield member;
      }
    })();
    await assert.rejects(decodeAll(endless, coding, new Limits(1_000_000)), { status: 413 });
    assert.ok(taken < 200_000, `took ${taken} bytes`);
  });
}

test('the memory of an open decoder counts as its window fills, and is free after every end', async () => {
  for (const [coding, least, most] of [
    ['gzip', 524_288, 524_288],
    ['br', 1_048_576 + 9_000_000, 1_048_576 + 16_777_216],
    ['zstd', 524_288 + 8_388_608, 524_288 + 8_388_608],
  ] as const) {
    const limits = new Limits(10_000_000);
    await decodeAll(cut(encoders[coding](Buffer.alloc(9_000_000)), 1_000), coding, limits);
    assert.ok(limits.mostHeldBytes >= least && limits.mostHeldBytes <= most, `${coding}: ${limits.mostHeldBytes}`);
    const small = new Limits(1_000);
    await decodeAll(cut(encoders[coding](Buffer.from('x')), 1_000), coding, small);
    assert.ok(small.mostHeldBytes < 1_100_000);
    const { length } = encoders[coding](Buffer.alloc(2_000_000));
    assert.ok(length < 4_000);
    for (const maxHeldBytes of [1_000, 1_048_576, ...(coding === 'gzip' ? [] : [2_000_000])]) {
      const scarce = new Limits(10_000_000, maxHeldBytes);
      const decoding = decodeAll(cut(encoders[coding](Buffer.alloc(2_000_000)), 100), coding, scarce);
      if (coding === 'gzip' && maxHeldBytes >= 524_288) assert.equal((await decoding).length, 2_000_000);
      else await assert.rejects(decoding, { code: 'HTTP_BODY_MEMORY' });
    }
    const left = new Limits(10_000_000);
    for await (const part of decodeContent(cut(encoders[coding](Buffer.alloc(2_000_000)), 100), coding, left)) {
      assert.ok(part.length > 0 && left.heldBytes > 0);
      break;
    }
    assert.equal(left.heldBytes, 0);
  }
});

test('refuses zstd with a window over 8 MiB, whose memory would be the client’s choice', async () => {
  const large = zstdCompressSync(Buffer.alloc(20_000_000), {
    params: { [constants.ZSTD_c_windowLog]: 25, [constants.ZSTD_c_contentSizeFlag]: 0 },
  });
  await assert.rejects(decode(large, 'zstd', 30_000_000), { status: 400 });
});
