import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { readForwardedField } from './forwarded-field.ts';
import { readForwarded } from './forwarded.ts';
import type { Origin, ProxyHeaderKind } from './forwarded.ts';
import { HeaderList } from '../protocol/header-list.ts';
import { TrustedProxies } from './trusted-proxies.ts';

const proxies = new TrustedProxies(['loopback', 'private']);
const peer = '127.0.0.1';

function headerList(lines: readonly string[]): HeaderList {
  return new HeaderList([...lines, '', ''].join('\r\n'));
}

function read(kind: ProxyHeaderKind, ...lines: readonly string[]): Origin {
  return readForwarded(headerList(lines), peer, proxies, kind);
}

/** Reads X-Forwarded-*. */
function readX(...lines: readonly string[]): Origin {
  return read('x-forwarded', ...lines);
}

/** Address of the client with this X-Forwarded-For. */
function addressFor(value: string): string {
  return readX(`X-Forwarded-For: ${value}`).address;
}

/** Reads Forwarded. */
function readF(...values: readonly string[]): Origin {
  return read('forwarded', ...values.map((value) => `Forwarded: ${value}`));
}

function origin(address: string, protocol?: 'http' | 'https', host?: string): Origin {
  return { address, protocol, host };
}

test('returns the peer without headers', () => {
  assert.deepEqual(readX(), origin(peer));
  assert.deepEqual(readF(), origin(peer));
});

test('ignores headers of an untrusted peer', () => {
  const headers = headerList(['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-Proto: https', 'Forwarded: for=1.2.3.4']);
  for (const kind of ['x-forwarded', 'forwarded'] as const) {
    assert.deepEqual(readForwarded(headers, '203.0.113.9', proxies, kind), origin('203.0.113.9'));
  }
});

test('reads only the configured kind of headers', () => {
  const lines = ['X-Forwarded-For: 1.1.1.1', 'X-Forwarded-Proto: http', 'Forwarded: for=2.2.2.2;proto=https'];
  assert.deepEqual(read('x-forwarded', ...lines), origin('1.1.1.1', 'http'));
  assert.deepEqual(read('forwarded', ...lines), origin('2.2.2.2', 'https'));
});

test('returns the first untrusted address from the right', () => {
  assert.equal(addressFor('203.0.113.9'), '203.0.113.9');
  assert.equal(addressFor('203.0.113.9, 10.0.0.1, 192.168.0.1'), '203.0.113.9');
  assert.equal(addressFor('6.6.6.6, 127.0.0.1, 203.0.113.9, 10.0.0.1'), '203.0.113.9');
  assert.equal(addressFor('2001:db8::1, fd00::1'), '2001:db8::1');
});

test('returns the leftmost address if all are trusted', () => {
  assert.equal(addressFor('10.0.0.2, 10.0.0.1'), '10.0.0.2');
  assert.equal(readF('for=10.0.0.2, for=10.0.0.1').address, '10.0.0.2');
});

test('ignores entries that a client has sent on the left', () => {
  for (const forged of [
    '6.6.6.6',
    '127.0.0.1',
    '',
    ',',
    '"',
    'x, "',
    '6.6.6.6,,',
    'unknown',
    '::1',
    '6.6.6.6;for=1.1.1.1',
  ]) {
    assert.equal(addressFor(`${forged}, 203.0.113.9, 10.0.0.1`), '203.0.113.9', forged);
  }
  const lines = readX('X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.9', 'X-Forwarded-For: 10.0.0.1');
  assert.equal(lines.address, '203.0.113.9');
});

test('stops at the hop before an entry that is not an address', () => {
  for (const garbage of [
    'unknown',
    '',
    '_hidden',
    '1.2.3',
    '256.1.1.1',
    '01.2.3.4',
    'example.com',
    '1.2.3.4 5.6.7.8',
  ]) {
    assert.equal(addressFor(`6.6.6.6, ${garbage}, 10.0.0.2, 10.0.0.1`), '10.0.0.2', garbage);
    assert.equal(addressFor(`6.6.6.6, ${garbage}`), peer, garbage);
  }
  for (const garbage of [
    'fe80::1%eth0',
    '[1.2.3.4]',
    '[::1',
    '::1]',
    '[::1]x',
    '1.2.3.4:',
    '"1.2.3.4"',
    '1.2.3.4:80:80',
  ]) {
    assert.equal(addressFor(garbage), peer, garbage);
  }
});

test('removes ports and brackets and normalises addresses', () => {
  for (const [sent, expected] of [
    ['203.0.113.9:4711', '203.0.113.9'],
    ['[2001:DB8::1]:4711', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['2001:db8:0:0::1', '2001:db8::1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::FFFF:cb00:7109', '203.0.113.9'],
    ['\t 203.0.113.9 \t', '203.0.113.9'],
  ] as const) {
    assert.equal(addressFor(sent), expected, sent);
  }
  assert.equal(addressFor('203.0.113.9, ::ffff:10.0.0.1'), '203.0.113.9');
});

test('takes protocol and host at the index of the address if the lists have equal length', () => {
  assert.deepEqual(
    readX(
      'X-Forwarded-For: 6.6.6.6, 203.0.113.9, 10.0.0.1',
      'X-Forwarded-Proto: http, HTTPS, http',
      'X-Forwarded-Host: evil.example, Chat.Example:8443, inner',
    ),
    origin('203.0.113.9', 'https', 'chat.example:8443'),
  );
});

test('takes the last protocol and host if the lists differ in length', () => {
  assert.deepEqual(
    readX('X-Forwarded-For: 6.6.6.6, 203.0.113.9', 'X-Forwarded-Proto: https', 'X-Forwarded-Host: chat.example'),
    origin('203.0.113.9', 'https', 'chat.example'),
  );
  assert.deepEqual(
    readX('X-Forwarded-For: 203.0.113.9', 'X-Forwarded-Proto: https, http', 'X-Forwarded-Host: evil, chat.example'),
    origin('203.0.113.9', 'http', 'chat.example'),
  );
  assert.deepEqual(readX('X-Forwarded-Proto: https', 'X-Forwarded-Host: a:1'), origin(peer, 'https', 'a:1'));
  // No entry gave the address, so there is no protocol at its index.
  assert.equal(readX('X-Forwarded-For: 6.6.6.6, unknown', 'X-Forwarded-Proto: https, http').protocol, 'http');
});

test('takes wss as https and ws as http, in any case', () => {
  for (const [sent, expected] of [
    ['wss', 'https'],
    ['WSS', 'https'],
    ['wSs', 'https'],
    ['ws', 'http'],
    ['Ws', 'http'],
  ] as const) {
    assert.equal(readX(`X-Forwarded-Proto: ${sent}`).protocol, expected, sent);
    assert.equal(readX('X-Forwarded-For: 6.6.6.6, 203.0.113.9', `X-Forwarded-Proto: x, ${sent}`).protocol, expected);
    assert.equal(readF(`for=203.0.113.9;proto=${sent}, for=10.0.0.1;proto=x`).protocol, expected);
    assert.equal(readF(`for=203.0.113.9;proto="${sent}"`).protocol, expected);
  }
});

test('ignores other protocols than http, https, ws and wss, and invalid hosts', () => {
  for (const protocol of ['', 'ftp', 'https:', 'http s', 'https;q=1', 'wss:', 'wsss', 'w', 'wss://', '"wss"']) {
    assert.equal(readX(`X-Forwarded-Proto: ${protocol}`).protocol, undefined, protocol);
  }
  for (const protocol of ['ftp', 'wsss', '"wss:"', '""']) {
    assert.equal(readF(`for=203.0.113.9;proto=${protocol}`).protocol, undefined, protocol);
  }
  for (const host of ['', 'a b', 'user@a', 'a/b', 'a:99999', '[::1', 'a"b', 'a?b', 'ä', '[nonsense]']) {
    assert.equal(readX(`X-Forwarded-Host: ${host}`).host, undefined, host);
  }
});

test('takes address, protocol and host from one element of Forwarded', () => {
  assert.deepEqual(
    readF(
      'for=6.6.6.6;proto=http;host=evil, For="203.0.113.9:4711";Proto=HTTPS;Host="Chat.Example:8443", for=10.0.0.1',
    ),
    origin('203.0.113.9', 'https', 'chat.example:8443'),
  );
  assert.deepEqual(readF('by=_x;for="[2001:DB8:cafe::17]:4711";secret="a,b;c=\\"d\\\\"'), origin('2001:db8:cafe::17'));
  assert.deepEqual(readF('for=6.6.6.6', 'for=203.0.113.9'), origin('203.0.113.9'));
  assert.equal(readF('for="203.0.113.9:_port-1.x"').address, '203.0.113.9');
  assert.equal(readF('for="2\\03.0.113.9"').address, '203.0.113.9');
});

test('stops at an element whose address is obfuscated, unknown or missing', () => {
  for (const element of [
    'for=unknown',
    'for=_secret',
    'for=""',
    'proto=http',
    'for="2001:db8::1"',
    'for="[1.2.3.4]"',
  ]) {
    assert.equal(readF(`for=6.6.6.6, ${element}, for=10.0.0.2`).address, '10.0.0.2', element);
  }
  // The peer itself has appended the last element.
  assert.deepEqual(readF('for=6.6.6.6;proto=http, for=_a;proto=https;host=a'), origin(peer, 'https', 'a'));
});

test('skips empty elements and pairs', () => {
  assert.equal(readF(' , for=203.0.113.9 ,\t, ').address, '203.0.113.9');
  assert.equal(readF(';;for=203.0.113.9;').address, '203.0.113.9');
  assert.deepEqual(readForwardedField(''), []);
});

test('ignores a malformed Forwarded', () => {
  for (const value of [
    'for',
    'for=',
    '=a',
    'for=a=b',
    'for =a',
    'for= a',
    'for=a; proto=http',
    'for=a ;proto=http',
    'for=a b',
    'for="a',
    'for="a\\',
    'for="a\\"',
    'for="a"b',
    'for=a"b"',
    'for=[::1]',
    'for=1.2.3.4:80',
    'for=a;FOR=b',
    'x=1;x=1',
    'for="\x7f"',
    'for="\\\x01"',
    'for=ä',
  ]) {
    assert.equal(readForwardedField(value), undefined, value);
    assert.deepEqual(readF(`for=203.0.113.9, ${value}`), origin(peer), value);
    assert.deepEqual(readF(value, 'for=203.0.113.9'), origin(peer), value);
  }
});

test('reads the element of the proxy after a quote that a client left open', () => {
  // As one text, the quotes would close and the Host of the client would be read as a pair.
  assert.deepEqual(readF('for="x', 'for=203.0.113.9;host=";for=6.6.6.6;x=""'), origin(peer));
});

test('reads long lists in linear time', () => {
  const many = 20_000;
  assert.equal(addressFor(`${'6.6.6.6, '.repeat(many)}203.0.113.9`), '203.0.113.9');
  assert.equal(addressFor(`203.0.113.9${', 10.0.0.1'.repeat(many)}`), '203.0.113.9');
  assert.equal(addressFor(`203.0.113.9${','.repeat(many)}10.0.0.1`), '10.0.0.1');
  assert.equal(addressFor(`${' '.repeat(many)}x${' '.repeat(many)}`), peer);
  assert.equal(readF(`${'for=6.6.6.6,'.repeat(many)}for=203.0.113.9`).address, '203.0.113.9');
  assert.equal(readF(`for="${'\\a'.repeat(many)}"`).address, peer);
  assert.equal(readF(`for="1.1.1.1:_${'a'.repeat(many)}"`).address, '1.1.1.1');
  assert.equal(readX(`X-Forwarded-Host: ${'%41'.repeat(many)}\x01`).host, undefined);
});

test('never throws, and returns the peer or an address that was sent', () => {
  const piece = fc.constantFrom(
    'for',
    'proto',
    'host',
    '=',
    ';',
    ',',
    '"',
    '\\',
    ' ',
    '10.0.0.1',
    '9.9.9.9',
    '[::1]',
    '_a',
  );
  const value = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())).map((list) => list.join(', ')),
    fc.string({ unit: 'binary' }),
  );
  const text = value.map((each) => each.replaceAll(/[\r\n]/g, ''));
  const names = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'Forwarded'];
  const lines = fc.array(fc.tuple(fc.constantFrom(...names), text));
  fc.assert(
    fc.property(lines, fc.constantFrom<ProxyHeaderKind>('x-forwarded', 'forwarded'), (fields, kind) => {
      const { address, protocol, host } = read(kind, ...fields.map(([name, sent]) => `${name}: ${sent}`));
      assert.match(address, /^[\d.:a-f]+$/);
      assert.ok(protocol === undefined || protocol === 'http' || protocol === 'https');
      assert.ok(host === undefined || /^[^\s,"/@A-Z]+$/.test(host), String(host));
      if (fields.every(([name]) => (name === 'Forwarded') !== (kind === 'forwarded'))) assert.equal(address, peer);
    }),
    { numRuns: 1_000 },
  );
});

test('returns the address that the proxy has appended, whatever the client sends', () => {
  const forged = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789.:, "[];=abfor\\') }),
    fc.array(fc.oneof(fc.ipV4(), fc.constantFrom('10.0.0.1', '::1', ''))).map((list) => list.join(',')),
  );
  fc.assert(
    fc.property(forged, (text) => {
      assert.equal(addressFor(`${text}, 203.0.113.9`), '203.0.113.9');
      const { address } = readF(text, 'for=203.0.113.9, for=10.0.0.1');
      assert.ok(address === '203.0.113.9' || address === peer, address);
    }),
    { numRuns: 500 },
  );
});
