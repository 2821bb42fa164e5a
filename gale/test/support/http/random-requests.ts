/**
 * Helpers for the fuzz tests of http/: valid and invalid requests of many forms as fast-check arbitraries, and the number of runs.
 */
import * as fc from 'fast-check';

/**
 * Tests a property with `runs` inputs, or with the number in the environment variable `FUZZ_RUNS`.
 * The seed is printed; `FUZZ_SEED` repeats it.
 */
export async function fuzz<T>(runs: number, property: fc.IProperty<T> | fc.IAsyncProperty<T>): Promise<void> {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  const numRuns = Number(process.env['FUZZ_RUNS'] ?? runs);
  console.log(`FUZZ_SEED=${seed} FUZZ_RUNS=${numRuns}`);
  await fc.assert(property, { numRuns, seed });
}

/** Words that a list of weights makes more or less frequent. */
function words(...lists: readonly (readonly [weight: number, ...words: string[]])[]): fc.Arbitrary<string> {
  return fc.oneof(...lists.map(([weight, ...list]) => ({ weight, arbitrary: fc.constantFrom(...list) })));
}

const method = words(
  [6, 'GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'],
  [1, 'M-SEARCH', 'TRACE', 'CONNECT', 'get', 'XYZ', 'PRI'],
);
const target = words(
  [6, '/', '/a', '/a/b?c=d', '//a', '/%41?', '/a?b?c', '*'],
  [2, 'http://b/', 'http://b', 'http://b:80/a?b', 'https://[::1]:8080/', 'http://b?c', 'b:443', 'HTTP://B/'],
  [
    1,
    '/a"<>[\\]^`{|}',
    'http://u@b/',
    '/a#b',
    'a',
    'ftp://b/',
    '?',
    '/\xe4',
    '**',
    'http://b:99999/',
    'http://[x]/',
    'http://[v1.a]/',
  ],
);
const version = words(
  [12, 'HTTP/1.1'],
  [3, 'HTTP/1.0'],
  [1, 'HTTP/1.2', 'HTTP/1.9', 'HTTP/2.0', 'HTTP/0.9', 'http/1.1', 'HTTP/1.10'],
);
const lineEnd = words([300, '\r\n'], [1, '\n', '\r', '\r\r\n', '\r\n ', '\n\r', '\r\n\t']);
const space = words([100, ' '], [1, '', '  ', '\t', '\x0b', '\xa0']);
const colon = words([40, ': ', ':'], [4, ':\t', ':  '], [1, ' :', '\t: ', '', ': \r\n ', ':\x00']);

/** Header fields that do not affect the connection. */
const plainField = fc
  .tuple(
    words([9, 'A', 'X-Two', 'Cookie', 'accept', "!#$%&'*+-.^_`|~"], [1, 'A b', 'A(', '\xe4', '']),
    words(
      [9, 'b', '', 'x \t y', 'caf\xe9', '"q", r', 'a=b; c=d'],
      [1, 'b\x00', '\x7f', 'a\rb', 'a\nb', '\x80', '\x01'],
    ),
    words([9, ''], [1, ' ', '\t', ' \t ']),
  )
  .map(([name, value, blank]) => [name, value + blank] as const);

/** Header fields that do, except `Connection: upgrade`: Node.js does not parse the bytes after it, so there is nothing to compare. */
const strongField = fc.oneof(
  fc.tuple(
    fc.constantFrom('Content-Length', 'content-length', 'CONTENT-LENGTH'),
    words(
      [6, '0', '3', '5', '05'],
      [1, '', '+3', '-3', '3, 3', '3,3', '0x3', '3 ', '3\t', ' 3', '3 3', '1e1', '3;', '9'.repeat(20)],
    ),
  ),
  fc
    .tuple(
      fc.constantFrom('Transfer-Encoding', 'transfer-encoding'),
      words(
        [6, 'chunked', 'Chunked'],
        [1, '', 'gzip', 'gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'identity', 'xchunked'],
      ),
      // Variations that some parsers treat as equal.
      words([9, ''], [1, ',', ' ', '\t', '\x0b', ';', ';a=b', '\xa0', '\r\n chunked']),
    )
    .map(([name, value, tail]) => [name, value + tail] as const),
  fc.tuple(
    fc.constantFrom('Connection', 'connection'),
    words(
      [4, 'close', 'keep-alive', 'Keep-Alive', 'x-y'],
      [
        1,
        'close, keep-alive',
        'keep-alive,close',
        'x, close',
        'closed',
        ', close',
        'close,',
        '',
        'close\t',
        'x-close',
        'keep-alive, x',
      ],
      [1, 'close close', 'close;', '"close"', 'close \t , x-y', 'transfer-encoding', 'content-length', 'host'],
    ),
  ),
  fc.tuple(
    fc.constantFrom('Host', 'host'),
    words([1, 'a', '', 'a:80', '[::1]', '[v1.a]', 'a,b', 'a b', 'u@a', 'a/', ':80']),
  ),
  fc.tuple(
    fc.constantFrom('Expect'),
    words([1, '100-continue', '100-Continue', 'x', '', '100-continue, 100-continue']),
  ),
  fc.tuple(
    fc.constantFrom('Upgrade', 'Keep-Alive', 'TE', 'Trailer', 'Proxy-Connection'),
    words([1, 'websocket', 'h2c', 'close', 'trailers']),
  ),
);

const chunkSize = words(
  [12, '0', '1', '3', '003', 'A', 'a'],
  [1, '', '-1', '0x1', '1 ', ' 1', '+1', '1_0', 'g', 'f'.repeat(16), '10000000000000001'],
);
const extension = words(
  [12, ''],
  [3, ';a', ';a=b', ';a="b"', ';a="\\""', ';a;b=c'],
  [1, ' ;a', '; a', ';a =\tb', ' ; a = "b" ;c'],
  [
    1,
    ';',
    ';a ',
    '; ',
    ';a= ',
    ';a b',
    ';a=',
    ';a=b c',
    ';a="b',
    ';a="b"c',
    ';a\rb',
    ';a\nb',
    ';a="\n"',
    ';a="\r"',
    ';\x00',
    ' ',
    '\t',
    ',a',
    ';a="\x7f"',
  ],
);
const dataEnd = words([60, '\r\n'], [1, '', '\n', '\r', 'x\r\n', '\r\n\r\n']);

const chunk = fc
  .tuple(chunkSize, extension, lineEnd, fc.constantFrom(0, 0, 0, 0, 0, 0, 1, -1), dataEnd)
  .map(([size, ext, end, error, close]) => {
    const length = Math.min(Number.parseInt(size, 16) || 0, 16) + error;
    return `${size}${ext}${end}${'x'.repeat(Math.max(length, 0))}${close}`;
  });

const chunkedBody = fc
  .tuple(
    fc.array(chunk, { maxLength: 3 }),
    words([12, '0'], [1, '00', '', '0;a', '0 ']),
    lineEnd,
    fc.array(plainField, { maxLength: 2 }),
    lineEnd,
  )
  .map(([chunks, last, end, trailers, close]) => {
    const fields = trailers.slice(1).map(([name, value]) => `${name}: ${value}\r\n`);
    return `${chunks.join('')}${last}${end}${fields.join('')}${close}`;
  });

const body = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  { weight: 3, arbitrary: fc.constantFrom('abc', 'abcde', 'a\r\nbc') },
  { weight: 4, arbitrary: chunkedBody },
);

/** A request of valid and invalid parts, most of them valid. */
const looseRequest = fc
  .record({
    lead: words([30, ''], [2, '\r\n'], [1, '\n', '\r', '\r\n\r\n', ' ']),
    method,
    first: space,
    target,
    second: space,
    version,
    lineEnd,
    fields: fc.array(fc.tuple(fc.oneof(plainField, strongField), colon, lineEnd), { maxLength: 4 }),
    close: lineEnd,
    hasHost: fc.constantFrom(true, true, true, true, true, true, false),
    body,
  })
  .map((parts) => {
    const fields = parts.fields.map(([[name, value], colon, end]) => `${name}${colon}${value}${end}`).join('');
    const host = parts.hasHost ? 'Host: a\r\n' : '';
    return `${parts.lead}${parts.method}${parts.first}${parts.target}${parts.second}${parts.version}${parts.lineEnd}${host}${fields}${parts.close}${parts.body}`;
  });

/** A valid request whose body has the length that its head declares. */
export const goodRequest: fc.Arbitrary<string> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'M-SEARCH'),
    target: fc.constantFrom('/', '/a?b=c', '//', '/%41', 'http://b/c?d', 'https://[::1]/'),
    fields: fc.array(plainField, { maxLength: 3 }),
    connection: fc.constantFrom('', '', '', 'Connection: keep-alive\r\n', 'connection: x-y, close\r\n'),
    kind: fc.constantFrom('none', 'length', 'chunked'),
    parts: fc.array(fc.string({ minLength: 1, maxLength: 20 }), { maxLength: 3 }),
    extension: fc.constantFrom('', ';a', ';a=b;c="d\\"e"'),
    trailer: fc.constantFrom('', 'X: y\r\n', 'X:\r\nY: \xe4\r\n'),
    end: fc.constantFrom('', '', '', '\r\n'),
  })
  .map(({ method, target, fields, connection, kind, parts, extension, trailer, end }) => {
    const good = fields.filter(
      ([name, value]) => /^[!-'*+\-.0-9A-Z^-z|~]+$/.test(name) && /^[\t -~\x80-\xff]*$/.test(value),
    );
    const bytes = parts.map((part) => Buffer.from(part).toString('latin1'));
    const length = kind === 'length' ? `Content-Length: ${bytes.join('').length}\r\n` : '';
    const coding = kind === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
    const lines = good.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const chunks = bytes.map((part) => `${part.length.toString(16)}${extension}\r\n${part}\r\n`).join('');
    const content = { none: '', length: bytes.join(''), chunked: `${chunks}0${extension}\r\n${trailer}\r\n` }[kind];
    return `${method} ${target} HTTP/1.1\r\nHost: a\r\n${length}${lines}${coding}${connection}\r\n${content}${end}`;
  });

/** A mutation of bytes: its kind, place, length and inserted text. */
const mutation = fc.record({
  kind: fc.constantFrom('flip', 'insert', 'insert', 'delete', 'duplicate', 'replace'),
  at: fc.nat(),
  length: fc.integer({ min: 1, max: 20 }),
  insert: fc.oneof(
    fc.constantFrom(
      '\r',
      '\n',
      '\r\n',
      ' ',
      '\t',
      ':',
      '\0',
      '\x7f',
      '\x80',
      ';',
      ',',
      '0',
      '1',
      'a',
      '\x0b',
      '\r\n ',
      '\r\n\r\n',
      '"',
    ),
    fc.constantFrom(
      'Content-Length: 3\r\n',
      'Transfer-Encoding: chunked\r\n',
      'Host: a\r\n',
      'Connection: close\r\n',
      '0\r\n\r\n',
    ),
    fc.nat({ max: 255 }).map((code) => String.fromCharCode(code)),
  ),
});

function mutate(
  text: string,
  { kind, at, length, insert }: typeof mutation extends fc.Arbitrary<infer M> ? M : never,
): string {
  const place = at % (text.length + 1);
  const before = text.slice(0, place);
  const after = text.slice(place);
  if (kind === 'insert') return before + insert + after;
  if (kind === 'delete') return before + after.slice(length);
  if (kind === 'duplicate') return before + after.slice(0, length) + after;
  if (kind === 'replace') return before + insert + after.slice(insert.length);
  if (after === '') return text;
  return `${before}${String.fromCharCode(after.charCodeAt(0) ^ (1 << (length % 8)))}${after.slice(1)}`;
}

/** Bytes of several requests in a row: valid, invalid and mutated ones. */
export const hostileBytes: fc.Arbitrary<Buffer> = fc
  .tuple(
    fc.array(fc.oneof({ weight: 2, arbitrary: goodRequest }, { weight: 3, arbitrary: looseRequest }), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.array(mutation, { maxLength: 3 }),
    fc.boolean(),
  )
  .map(([requests, mutations, isMutated]) => {
    const text = requests.join('');
    return Buffer.from(isMutated ? mutations.reduce(mutate, text) : text, 'latin1');
  });
