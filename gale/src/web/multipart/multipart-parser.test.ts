/** Property tests of the parser: random fields and files, random cuts. `FUZZ_RUNS` is the number of inputs, `FUZZ_SEED` repeats a failure. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { fuzz } from '../../../test/support/http/random-requests.ts';
import { HttpError } from '../http-error.ts';
import { BoundaryLines } from './boundary-lines.ts';
import { MultipartParser } from './multipart-parser.ts';

interface ReadPart {
  readonly name: string;
  readonly filename: string | undefined;
  readonly content: string;
}

const limits = { maxParts: 10, maxPartHeaderBytes: 1_000 };

/** What a body contains; the detail of the error if it is refused. */
function read(pieces: readonly Buffer[], boundary = 'b', given = limits): readonly ReadPart[] | string {
  const parts: { name: string; filename: string | undefined; content: Buffer[] }[] = [];
  let endCount = 0;
  const parser = new MultipartParser(boundary, given, {
    onPart: ({ name, filename }) => {
      assert.equal(endCount, parts.length);
      parts.push({ name, filename, content: [] });
    },
    onData: (bytes) => parts.at(-1)?.content.push(bytes),
    onPartEnd: () => {
      endCount++;
    },
  });
  try {
    for (const piece of pieces) parser.push(piece);
    parser.end();
  } catch (error) {
    assert.ok(error instanceof HttpError, String(error));
    assert.equal(error.status, 400);
    return String(error.problem?.detail);
  }
  assert.equal(endCount, parts.length);
  return parts.map(({ content, ...head }) => ({ ...head, content: Buffer.concat(content).toString('latin1') }));
}

const crlf = '\r\n';
const partOf = (name: string, content: string, filename?: string): string =>
  `--b${crlf}Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}${crlf}${crlf}${content}${crlf}`;
const bodyOf = (...parts: readonly string[]): Buffer => Buffer.from(`${parts.join('')}--b--${crlf}`, 'latin1');

/** `bytes` in parts, none of them empty. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const positions = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...positions]
    .map((from, index) => Buffer.from(bytes.subarray(from, positions[index])))
    .filter((piece) => piece.length > 0);
}

test('reads fields and files, an empty one and an empty form', () => {
  assert.deepEqual(read([bodyOf(partOf('a', 'one'), partOf('f', '\0\xff\r\n--', 'x.bin'), partOf('', ''))]), [
    { name: 'a', filename: undefined, content: 'one' },
    { name: 'f', filename: 'x.bin', content: '\0\xff\r\n--' },
    { name: '', filename: undefined, content: '' },
  ]);
  assert.deepEqual(read([bodyOf()]), []);
});

test('ignores what is before the first boundary and after the last', () => {
  const body = Buffer.concat([Buffer.from('preamble\r\n'), bodyOf(partOf('a', '1')), Buffer.from('epilogue --b\r\n')]);
  assert.deepEqual(read([body, Buffer.from('more')]), [{ name: 'a', filename: undefined, content: '1' }]);
});

const content = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r\n', '\r', '\n', '--', '-', '--b', '\r\n-', '\r\n--', '\r\n--c', '\r\r\n', 'b', '\0', '\xff'),
      fc.string({ unit: 'binary-ascii', maxLength: 20 }),
    ),
    { maxLength: 12 },
  )
  .map((pieces) => pieces.join('').replaceAll('\r\n--b', ''))
  .filter((text) => !`\r\n${text}\r\n--b`.slice(0, -5).includes('\r\n--b'));
const name = fc.string({ unit: fc.constantFrom('a', 'b', ' ', ';', "'", '=', '-', '%'), maxLength: 8 });
const part = fc.record({ name, content, filename: fc.option(name, { nil: undefined }) });
const places = fc.array(fc.nat(), { maxLength: 12 });

test('reads random fields and files, however the bytes are cut', async () => {
  await fuzz(
    2_000,
    fc.property(fc.array(part, { maxLength: 5 }), places, (parts, cuts) => {
      const body = bodyOf(...parts.map((each) => partOf(each.name, each.content, each.filename)));
      const expected = parts.map((each) => ({ ...each }));
      assert.deepEqual(read(cut(body, cuts)), expected);
      assert.deepEqual(
        read(
          cut(
            body,
            Array.from({ length: body.length }, (_, index) => index),
          ),
        ),
        expected,
      );
    }),
  );
});

test('a body that ends early is refused, at every byte', () => {
  const body = bodyOf(partOf('a', 'one'), partOf('f', 'two', 'x.bin'));
  // The line break after the last boundary may be missing.
  for (let length = 0; length < body.length - 2; length++) {
    const result = read([body.subarray(0, length)]);
    assert.equal(typeof result, 'string', `${length}`);
    assert.match(String(result), /^The multipart body is malformed: it /);
  }
});

test('random changes of a body never throw another error than 400, and cuts change nothing', async () => {
  const pieces = fc.constantFrom(
    '\r\n',
    '\n',
    '--b',
    '--b--',
    '-',
    '"',
    ';',
    ':',
    'Content-Disposition: form-data',
    '\0',
    ' ',
  );
  await fuzz(
    3_000,
    fc.property(
      fc.array(part, { maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(8), pieces), { maxLength: 4 }),
      places,
      (parts, changes, cuts) => {
        let text = bodyOf(...parts.map((each) => partOf(each.name, each.content, each.filename))).toString('latin1');
        for (const [at, removed, added] of changes) {
          const index = at % (text.length + 1);
          text = text.slice(0, index) + added + text.slice(index + removed);
        }
        const body = Buffer.from(text, 'latin1');
        const [whole, inPieces] = [read([body]), read(cut(body, cuts))];
        // Which of several faults is found first may differ.
        if (typeof whole === 'string') assert.equal(typeof inPieces, 'string');
        else assert.deepEqual(inPieces, whole);
      },
    ),
  );
});

const many = (count: number): Buffer => bodyOf(...Array.from({ length: count }, () => partOf('a', '')));
/** A part whose head has this size. */
const padded = (bytes: number): Buffer => {
  const disposition = 'Content-Disposition: form-data; name="a"\r\n';
  const padding = `X: ${'x'.repeat(bytes - disposition.length - 5)}\r\n`;
  return Buffer.from(`--b\r\n${disposition}${padding}\r\n\r\n--b--`);
};
/** A part with this number of header fields. */
const fields = (count: number): Buffer =>
  Buffer.from(`--b\r\nContent-Disposition: form-data; name="a"\r\n${'X: y\r\n'.repeat(count - 1)}\r\n\r\n--b--`);

test('refuses too many parts, heads that are too large, and heads that do not end', () => {
  assert.equal(read([many(10)]).length, 10);
  assert.match(String(read([many(11)])), /more than 10 parts \(maxParts\)/);
  assert.equal(read([padded(1_000)]).length, 1);
  for (const bytes of [1_001, 1_010, 1_100, 5_000, 100_000]) {
    assert.match(String(read([padded(bytes)])), /over 1000 bytes \(maxPartHeaderBytes\)/, `${bytes}`);
  }
  assert.equal(read([fields(16)]).length, 1);
  for (const count of [17, 18, 100]) assert.match(String(read([fields(count)])), /more than 16 fields/);
  for (const text of ['--b\r\nContent-Disposition: form-data; name="a"\r\n--b--', '--b\r\nA: b\r\n--b\r\n\r\n--b--']) {
    assert.match(String(read([Buffer.from(text)])), /does not end|no Content-Disposition/, text);
  }
});

test('refuses a boundary that is missing or malformed', () => {
  const listener = { onPart: () => {}, onData: () => {}, onPartEnd: () => {} };
  for (const boundary of [undefined, '', 'b ', 'x'.repeat(71), 'ä', 'b\r\n']) {
    assert.throws(() => new MultipartParser(boundary, limits, listener), { status: 400 }, String(boundary));
  }
  for (const boundary of ['x'.repeat(70), "a b'()+_,-./:=?"]) {
    assert.deepEqual(read([Buffer.from(`--${boundary}--`)], boundary), []);
  }
});

test('a boundary with one dash does not end the body, however the bytes are cut', () => {
  const form = `${partOf('a', 'one')}--b`;
  for (const end of ['-', '-\r\n', '- -', '-x', '-\r\n--b--', '\t-', ' --', 'x', 'x--', '\n', '\r', '\rx', ' ', '']) {
    const body = Buffer.from(form + end);
    for (let at = 0; at <= body.length; at++) {
      const result = read([body.subarray(0, at), body.subarray(at)].filter(({ length }) => length > 0));
      assert.equal(typeof result, 'string', JSON.stringify([end, at]));
      assert.match(
        String(result),
        /^The multipart body is malformed: (?:it ends before its last boundary|a boundary has other characters after it)/,
      );
    }
  }
});

test('spaces and tabs may follow a boundary, and anything may follow the last one', () => {
  const a = { name: 'a', filename: undefined, content: 'one' };
  const padded = partOf('a', 'one').replace('--b\r\n', '--b \t\r\n');
  for (const end of ['--', '--\r\n', '-- \r\nepilogue', '--x', '--\r\n--bx']) {
    const body = Buffer.from(`preamble\r\n${padded}--b${end}`);
    for (let at = 0; at <= body.length; at++) {
      assert.deepEqual(read([body.subarray(0, at), body.subarray(at)].filter(({ length }) => length > 0)), [a], end);
    }
  }
});

test('finds every boundary of a random text, as a search in the whole text does', async () => {
  const word = fc.constantFrom('\r\n', '\r', '\n', '--', '-', 'ab', 'a', 'b', ' ', '\r\n--ab', '\r\n--ab\r\n');
  await fuzz(
    2_000,
    fc.property(fc.array(word, { maxLength: 20 }), places, (words, cuts) => {
      const text = words.join('');
      // The first boundary after which neither a line break nor the end of the body follows.
      let expected = -1;
      const boundary = /\r\n--ab/g;
      const whole = `\r\n${text}`;
      for (let found = boundary.exec(whole); found !== null; found = boundary.exec(whole)) {
        const rest = whole.slice(boundary.lastIndex);
        if (rest.startsWith('--')) break;
        const [allowed = ''] = /^(?:-|[ \t]*(?:\r\n?)?)/.exec(rest) ?? [];
        if (allowed === rest || allowed.endsWith('\n')) {
          // A line break can be that of the next boundary.
          boundary.lastIndex += Math.max(0, allowed.length - 2);
          continue;
        }
        expected = boundary.lastIndex + allowed.length - 2;
        break;
      }
      const lines = new BoundaryLines('ab');
      let offset = 0;
      let result = -1;
      for (const piece of cut(Buffer.from(text), cuts)) {
        const at = lines.push(piece, () => {});
        if (at >= 0) {
          result = offset + at;
          break;
        }
        offset += piece.length;
      }
      assert.equal(result, expected, JSON.stringify(text));
    }),
  );
});
