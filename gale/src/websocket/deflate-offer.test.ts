import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreeOnDeflate } from './deflate-offer.ts';
import { readExtensions } from './header-syntax.ts';

const promised = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

/** The answer to a header's value, `undefined` where nothing is agreed on. */
function answerTo(header: string): string | undefined {
  const offers = readExtensions(header);
  assert.ok(offers !== undefined, header);
  return agreeOnDeflate(offers)?.answer;
}

test('what browsers offer is taken, without anything kept from one message to the next', () => {
  assert.equal(answerTo('permessage-deflate; client_max_window_bits'), promised);
  assert.equal(answerTo('permessage-deflate'), promised);
  assert.deepEqual(agreeOnDeflate(readExtensions('permessage-deflate')!)?.windowBits, 15);
});

test('no offer, and offers of other extensions only, agree on nothing', () => {
  assert.equal(agreeOnDeflate([]), undefined);
  assert.equal(answerTo('x-webkit-deflate-frame'), undefined);
  assert.equal(answerTo('permessage-bzip2, permessage-deflate2; client_max_window_bits'), undefined);
});

test('the first offer that can be kept is taken', () => {
  const second = 'permessage-deflate; server_max_window_bits=10';
  const answer = `${promised}; server_max_window_bits=10`;
  for (const first of [
    'permessage-foo',
    'permessage-deflate; server_max_window_bits=8',
    'permessage-deflate; fast',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; client_no_context_takeover; client_no_context_takeover',
  ]) {
    assert.equal(answerTo(`${first}, ${second}`), answer, first);
  }
  assert.equal(answerTo(`permessage-deflate, ${second}`), promised);
  assert.equal(answerTo('permessage-deflate; server_max_window_bits="10"'), answer);
});

/** Every way to write each parameter; whether RFC 7692 §7.1 allows it. */
const flag: [string | undefined, boolean][] = [
  [undefined, true],
  ['', true],
  ['=1', false],
  ['=true', false],
];
const sizes = ['8', '9', '10', '11', '12', '13', '14', '15'];
const noSizes = ['0', '7', '16', '08', '010', '+9', '-9', '1e1', '9.0', '0x9', 'x', '150', '99999999999'];
const hint: [string | undefined, boolean][] = [
  [undefined, true],
  ['', true],
  ...sizes.map((size): [string, boolean] => [`=${size}`, true]),
  ...noSizes.map((size): [string, boolean] => [`=${size}`, false]),
];
const demand: [string | undefined, boolean][] = [
  [undefined, true],
  ['', false],
  ...sizes.map((size): [string, boolean] => [`=${size}`, size !== '8']),
  ...noSizes.map((size): [string, boolean] => [`=${size}`, false]),
];

test('every combination of parameters is answered as RFC 7692 §7.1 says, in either order', () => {
  let taken = 0;
  for (const [server, serverFits] of flag) {
    for (const [client, clientFits] of flag) {
      for (const [clientBits, clientBitsFit] of hint) {
        for (const [serverBits, serverBitsFit] of demand) {
          const written = [
            ['server_no_context_takeover', server],
            ['client_no_context_takeover', client],
            ['client_max_window_bits', clientBits],
            ['server_max_window_bits', serverBits],
          ].filter(([, value]) => value !== undefined);
          const fits = serverFits && clientFits && clientBitsFit && serverBitsFit;
          const expected = serverBits === undefined ? promised : `${promised}; server_max_window_bits${serverBits}`;
          for (const order of [written, written.toReversed()]) {
            const header = ['permessage-deflate', ...order.map(([name, value]) => `${name}${value}`)].join('; ');
            assert.equal(answerTo(header), fits ? expected : undefined, header);
          }
          if (fits) taken++;
        }
      }
    }
  }
  assert.equal(taken, 2 * 2 * 10 * 8);
});

test('a parameter that is there twice declines the offer, whatever its values', () => {
  const parameters = [
    'server_no_context_takeover',
    'client_no_context_takeover',
    'client_max_window_bits',
    'client_max_window_bits=10',
    'server_max_window_bits=10',
    'server_max_window_bits=15',
  ];
  for (const one of parameters) {
    for (const other of parameters) {
      const repeated = one.split('=')[0] === other.split('=')[0];
      assert.equal(answerTo(`permessage-deflate; ${one}; ${other}`) === undefined, repeated, `${one}; ${other}`);
    }
  }
});
