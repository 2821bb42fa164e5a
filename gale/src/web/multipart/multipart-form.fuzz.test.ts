/**
 * Hostile forms end with a form or with an error of the client: they never hang, throw another error, leave a temporary file, or make the
 * reader hold more than one piece of the body. `FUZZ_RUNS` is the number of inputs, `FUZZ_SEED` repeats a failure.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fuzz } from '../../../test/support/http/random-requests.ts';
import { Arguments } from '../arguments.ts';
import { HttpError } from '../http-error.ts';
import { readMultipartForm, removeFiles } from './multipart-form.ts';
import { temporaryBytesInUse } from './temporary-files.ts';

/** No limit of memory. */
const uncounted = { keepBytes() {}, dropBytes() {} };

const limits = {
  maxParts: 5,
  maxPartHeaderBytes: 300,
  maxFieldBytes: 60,
  maxFormBytes: 100,
  maxFileBytes: 400,
  maxFileMemoryBytes: 100,
  maxUploadMemoryBytes: 1_000,
  maxTemporaryBytes: 600,
};

const word = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('--b\r\n', '\r\n--b\r\n', '\r\n--b--', '\r\n', '\r\n\r\n', '--', '-') },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'Content-Disposition: form-data; name="a"\r\n\r\n',
      'Content-Disposition: form-data; name=b; filename="x.txt"\r\n\r\n',
      'Content-Disposition: form-data; name="c"; filename=""\r\nContent-Type: text/plain\r\n\r\n',
      "Content-Disposition: form-data; name=d; filename*=UTF-8''%C3%A4\r\n\r\n",
      'Content-Disposition: attachment\r\n\r\n',
      'Content-Type: image/png\r\n',
      'X: '.padEnd(400, 'x'),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom('x'.repeat(50), 'x'.repeat(150), 'x'.repeat(500), '\0', '"', ';', ':', '\n'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 30 }) },
);

test('reads or refuses every form, with bounded memory and no temporary file left', async () => {
  const outcomes = new Set<string>();
  await fuzz(
    1_500,
    fc.asyncProperty(
      fc.array(word, { maxLength: 25 }),
      fc.boolean(),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      async (words, isEnded, sizes) => {
        const body = Buffer.from(words.join('') + (isEnded ? '\r\n--b--' : ''), 'latin1');
        const source = async function* (): AsyncGenerator<Buffer> {
          for (let start = 0, index = 0; start < body.length; index++) {
            const size = sizes[index % sizes.length] ?? 1;
            yield body.subarray(start, start + size);
            start += size;
          }
        };
        try {
          const files = await readMultipartForm(source(), uncounted, 'b', limits, new Arguments());
          const list = Object.values(files).flat();
          assert.ok(list.every(({ size }) => size <= limits.maxFileBytes));
          assert.ok(temporaryBytesInUse() <= limits.maxTemporaryBytes);
          await removeFiles(files);
          outcomes.add(list.some(({ size }) => size > 100) ? 'large files' : list.length > 0 ? 'files' : 'fields');
        } catch (error) {
          assert.ok(error instanceof HttpError, String(error));
          outcomes.add(String(error.status));
        }
        assert.equal(temporaryBytesInUse(), 0);
      },
    ),
  );
  for (const outcome of ['400', '413', 'fields', 'files']) assert.ok(outcomes.has(outcome), outcome);
});
