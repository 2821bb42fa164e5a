import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { ProtocolError } from '../../errors.ts';
import { crc32c } from './crc32c.ts';
import { readProxyHeader } from './proxy-header.ts';
import type { ProxyHeader } from './proxy-header.ts';

const signature = '0d0a0d0a 000d0a51 5549540a';
const unnamed = { remoteAddress: undefined, isSecure: false };

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

function line(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

/** A header of version 2: `kind` is version, command, family and transport; the length is added. */
function binary(kind: string, block: string): Buffer {
  const length = bytes(block).length.toString(16).padStart(4, '0');
  return bytes(signature + kind + length + block);
}

/** A TLV. */
function vector(type: number, value: string): string {
  return Buffer.of(type, 0, bytes(value).length).toString('hex') + value;
}

/** Reads the header with a request after it. A truncated header returns nothing. */
function readEveryWay(header: Buffer): Omit<ProxyHeader, 'byteLength'> {
  for (let length = 0; length < header.length; length++) {
    assert.equal(readProxyHeader(header.subarray(0, length)), undefined, `truncated at byte ${length}`);
  }
  const whole = readProxyHeader(header);
  assert.deepEqual(readProxyHeader(Buffer.concat([header, line('GET / HTTP/1.1\r\n')])), whole);
  assert.ok(whole !== undefined);
  const { byteLength, ...rest } = whole;
  assert.equal(byteLength, header.length);
  return rest;
}

/** Asserts that byte `at` is the first one that is refused. */
function refuses(header: Buffer, at: number): void {
  assert.equal(readProxyHeader(header.subarray(0, at)), undefined, `${header.toString('latin1')} before byte ${at}`);
  for (let length = at + 1; length <= header.length; length++) {
    assert.throws(
      () => readProxyHeader(header.subarray(0, length)),
      (error) => error instanceof ProtocolError && error.code === 'HTTP_PROXY_HEADER',
      `${header.toString('latin1', 0, length)} at byte ${at}`,
    );
  }
}

test('reads the address of the client from a line', () => {
  assert.deepEqual(readEveryWay(line('PROXY TCP4 192.0.2.1 198.51.100.2 40000 443\r\n')), {
    ...unnamed,
    remoteAddress: '192.0.2.1',
  });
  assert.deepEqual(readEveryWay(line('PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n')), {
    ...unnamed,
    remoteAddress: '255.255.255.255',
  });
  assert.equal(readEveryWay(line('PROXY TCP4 0.0.0.0 1.2.3.4 0 0\r\n')).remoteAddress, '0.0.0.0');
});

test('shortens every spelling of an IPv6 address', () => {
  for (const [sent, expected] of [
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['::1', '::1'],
    ['::', '::'],
    ['1::', '1::'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1::7:8', '1::7:8'],
    ['::ffff:10.20.30.40', '::ffff:10.20.30.40'],
    ['0:0:0:0:0:FFFF:0a14:1e28', '::ffff:10.20.30.40'],
    ['1:2:3:4:5:6:10.20.30.40', '1:2:3:4:5:6:a14:1e28'],
    ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
  ] as const) {
    assert.equal(readEveryWay(line(`PROXY TCP6 ${sent} ${sent} 1 2\r\n`)).remoteAddress, expected);
  }
});

test('reads no address from a line with UNKNOWN, whatever follows the word', () => {
  for (const text of ['', ' ', ' ffff:: 1 2', ' \r\n', ` ${'x'.repeat(91)}`, ' a\rb', ' TCP4 1.2.3.4']) {
    const header = line(`PROXY UNKNOWN${text.replace('\r\n', '')}\r\n`);
    assert.ok(header.length <= 107);
    assert.deepEqual(readEveryWay(header), unnamed);
  }
});

test('rejects a line at the first invalid byte', () => {
  for (const text of [
    '|GET / HTTP/1.1\r\n',
    'PROX|X TCP4',
    'PROXY|\r\n',
    'PROXY |\r\n',
    'PROXY | TCP4',
    'PROXY T|cp4',
    'PROXY TCP|5',
    'PROXY TCP4|6',
    'PROXY TCP4|\t1.2.3.4',
    'PROXY UNKNOWN|S\r\n',
    'PROXY UNKNOWN\r|x',
    'PROXY TCP4 | 1.2.3.4 1 2\r\n',
    'PROXY TCP4 2|:: 1.2.3.4 1 2\r\n',
    'PROXY TCP4 25|6.1.1.1 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.0|1.1.1 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.1.1.1|.1 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.1.1| 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.|.1.1 1.2.3.4 1 2\r\n',
    'PROXY TCP4 1.1.1.1|\r\n',
    'PROXY TCP4 1.1.1.1 1.2.3.4 | 2\r\n',
    'PROXY TCP4 1.1.1.1 1.2.3.4 0|1 2\r\n',
    'PROXY TCP4 1.1.1.1 1.2.3.4 |-1 2\r\n',
    'PROXY TCP4 1.1.1.1 1.2.3.4 6553|6 2\r\n',
    'PROXY TCP4 1.1.1.1 1.2.3.4 1 |\r\n',
    'PROXY TCP4 1.1.1.1 1.2.3.4 1 2| \r\n',
    'PROXY TCP4 1.1.1.1 1.2.3.4 1 2|\n',
    'PROXY TCP4 1.1.1.1 1.2.3.4 1 2\r|\r\n',
    'PROXY TCP6 1|.1.1.1 :: 1 2\r\n',
    'PROXY TCP6 1::2:|:3 :: 1 2\r\n',
    'PROXY TCP6 1::|: :: 1 2\r\n',
    'PROXY TCP6 :|1: :: 1 2\r\n',
    'PROXY TCP6 1234|5:: :: 1 2\r\n',
    'PROXY TCP6 1:2:3:4:5:6:7:8|:9 :: 1 2\r\n',
    'PROXY TCP6 fe80::1|%eth0 :: 1 2\r\n',
    'PROXY TCP6 ::1.2.3.4|.5 :: 1 2\r\n',
    'PROXY TCP6 |[::1] :: 1 2\r\n',
  ]) {
    refuses(line(text.replace('|', '')), text.indexOf('|'));
  }
});

test('rejects a line longer than 107 bytes', () => {
  refuses(line(`PROXY UNKNOWN ${'x'.repeat(92)}\r\n`), 105);
  refuses(line(`PROXY UNKNOWN ${'x'.repeat(91)}\rx\n`), 106);
  const long = '0000:0000:0000:0000:0000:ffff:255.255.255.255';
  refuses(line(`PROXY TCP6 ${long} ${long} 65535 65535\r\n`), 105);
});

test('reads the address of the client from a binary header', () => {
  assert.deepEqual(readEveryWay(binary('2111', 'c0000201 c6336402 9c40 01bb')), {
    ...unnamed,
    remoteAddress: '192.0.2.1',
  });
  const ipv6 = '20010db8000000000000000000000001 00000000000000000000000000000001 0050 01bb';
  assert.deepEqual(readEveryWay(binary('2121', ipv6)), { ...unnamed, remoteAddress: '2001:db8::1' });
  const mapped = '00000000000000000000ffff0a141e28 00000000000000000000000000000001 ffff 01bb';
  assert.equal(readEveryWay(binary('2121', mapped)).remoteAddress, '::ffff:10.20.30.40');
  // A client of HTTP/3.
  assert.equal(readEveryWay(binary('2112', 'c0000201 c6336402 9c40 01bb')).remoteAddress, '192.0.2.1');
});

test('reads no address from a header for a connection of the proxy itself', () => {
  const block = 'c0000201 c6336402 9c40 01bb';
  for (const header of [
    binary('2000', ''),
    binary('2011', block),
    binary('20ff', 'ff'),
    binary('2100', ''),
    binary('2100', 'ffffff'),
    binary('2101', block),
    binary('2110', block),
    binary('2131', '00'.repeat(216)),
  ]) {
    assert.deepEqual(readEveryWay(header), unnamed);
  }
});

test('rejects a binary header at the first invalid byte', () => {
  refuses(bytes('0d0a0d0a 000d0a51 5549540b'), 11);
  refuses(bytes('0d0a0d0a 47'), 4);
  refuses(bytes(`${signature} 11`), 12);
  refuses(bytes(`${signature} 31`), 12);
  refuses(bytes(`${signature} 22`), 12);
  refuses(bytes(`${signature} 21 41`), 13);
  refuses(bytes(`${signature} 21 13`), 13);
  refuses(bytes(`${signature} 21 11 11`), 14);
  refuses(bytes(`${signature} 21 11 1001`), 15);
  refuses(bytes(`${signature} 21 11 000b`), 15);
  refuses(bytes(`${signature} 21 21 0023`), 15);
  refuses(bytes(`${signature} 21 31 00d7`), 15);
});

const addresses = 'c0000201c63364029c4001bb';

test('accepts a header of 4 KiB', () => {
  const padding = `04${(4096 - 12 - 3).toString(16).padStart(4, '0')}${'00'.repeat(4096 - 12 - 3)}`;
  assert.equal(readEveryWay(binary('2111', addresses + padding)).remoteAddress, '192.0.2.1');
});

test('reports TLS by the flag of the client, not by its certificate', () => {
  const version = vector(0x21, Buffer.from('TLSv1.3').toString('hex'));
  for (const [flags, isSecure] of [
    ['01', true],
    ['07', true],
    ['00', false],
    ['06', false],
  ] as const) {
    const header = binary('2111', addresses + vector(0x05, 'abcd') + vector(0x20, `${flags}00000000${version}`));
    assert.equal(readEveryWay(header).isSecure, isSecure, flags);
  }
  assert.equal(readEveryWay(binary('2131', '00'.repeat(216) + vector(0x20, '0100000000'))).isSecure, true);
});

test('rejects a TLV that does not fit', () => {
  for (const vectors of [
    '04',
    '0400',
    '040001',
    `${vector(4, '')}00`,
    vector(0x20, '01000000'),
    vector(0x20, '010000000021'),
    vector(0x20, `01000000002100ff`),
    vector(0x20, '0100000000').repeat(2),
    vector(0x03, '000000'),
  ]) {
    const header = binary('2111', addresses + vectors);
    refuses(header, header.length - 1);
  }
});

test('accepts a CRC-32C checksum and rejects a wrong one', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  const header = binary('2111', addresses + vector(0x01, '6832') + vector(0x03, '00000000') + vector(0x04, 'ff'));
  const at = header.length - 4 - 4;
  header.writeUInt32BE(crc32c(header), at);
  assert.equal(readEveryWay(header).remoteAddress, '192.0.2.1');
  for (let index = 16; index < header.length; index++) {
    // Without its type it is not a checksum.
    if (index === 33) continue;
    const broken = Buffer.from(header);
    broken[index] = (broken[index] as number) ^ 0x10;
    assert.throws(() => readProxyHeader(broken), ProtocolError, `byte ${index}`);
  }
  const twice = binary('2111', addresses + vector(0x03, '00000000').repeat(2));
  assert.throws(() => readProxyHeader(twice), { code: 'HTTP_PROXY_HEADER', message: /checksum|twice/ });
});

test('accepts or rejects arbitrary bytes, and stays with a rejection when more bytes follow', () => {
  const starts = ['', 'PROXY ', 'PROXY TCP4 ', 'PROXY TCP6 ', 'PROXY TCP4 1.1.1.1 1.1.1.1 '].map(line);
  const prefix = fc.constantFrom(...starts, bytes(`${signature}2111000f`), bytes(`${signature}2121002f`));
  const text = fc.string({ unit: fc.constantFrom(...'0123456789abf:. \r\n') }).map(line);
  const rest = fc.oneof(
    text,
    fc.uint8Array().map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(prefix, rest, (start, end) => {
      const all = Buffer.concat([start, end]);
      let earlier: ProxyHeader | undefined;
      let isRefused = false;
      for (let length = 0; length <= all.length; length++) {
        try {
          const read = readProxyHeader(all.subarray(0, length));
          assert.equal(isRefused, false, 'taken after a refusal');
          if (earlier !== undefined) assert.deepEqual(read, earlier);
          else if (read !== undefined) assert.equal(read.byteLength, length);
          earlier = read;
        } catch (error) {
          assert.ok(error instanceof ProtocolError && earlier === undefined, String(error));
          isRefused = true;
        }
      }
    }),
    { numRuns: 300 },
  );
});
