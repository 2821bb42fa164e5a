import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agreeOnDeflate, deflateOffer, readDeflateResponse } from './deflate-offer.ts';
import type { DeflateAgreement, DeflateOptions } from './deflate-offer.ts';
import { readExtensions } from '../protocol/header-syntax.ts';
import type { ExtensionOffer } from '../protocol/header-syntax.ts';

const promised = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
const plain: DeflateOptions = { compress: true, contextTakeover: false, maxWindowBits: 15 };
const takeover: DeflateOptions = { ...plain, contextTakeover: true };

/** Options that every offer and every response is tested with. */
const allWishes = [false, true].flatMap((contextTakeover) =>
  [9, 12, 15].map((maxWindowBits) => ({ compress: true, contextTakeover, maxWindowBits })),
);

function parse(header: string): ExtensionOffer[] {
  const extensions = readExtensions(header);
  assert.ok(extensions !== undefined, header);
  return extensions;
}

/** The response of the server to an offer; `undefined` without an agreement. */
function responseTo(header: string, wishes = plain): string | undefined {
  return agreeOnDeflate(parse(header), wishes)?.response;
}

/** The agreement that the client reads from a response, or the error code. */
function readResponse(header: string, wishes: DeflateOptions): DeflateAgreement | string | undefined {
  try {
    return readDeflateResponse(parse(header), wishes);
  } catch (error) {
    return (error as { code: string }).code;
  }
}

test('accepts the offer of browsers without context takeover', () => {
  assert.equal(responseTo('permessage-deflate; client_max_window_bits'), promised);
  assert.equal(responseTo('permessage-deflate'), promised);
  assert.deepEqual(agreeOnDeflate(parse('permessage-deflate'), plain), {
    windowBits: 15,
    peerWindowBits: 15,
    contextTakeover: false,
    peerContextTakeover: false,
    response: promised,
  });
});

test('accepts the offer of browsers with context takeover and limits their window', () => {
  assert.equal(responseTo('permessage-deflate; client_max_window_bits', takeover), 'permessage-deflate');
  assert.equal(
    responseTo('permessage-deflate; client_max_window_bits', { ...takeover, maxWindowBits: 11 }),
    'permessage-deflate; server_max_window_bits=11; client_max_window_bits=11',
  );
  assert.equal(
    responseTo('permessage-deflate', { ...takeover, maxWindowBits: 11 }),
    'permessage-deflate; server_max_window_bits=11',
  );
  assert.equal(
    responseTo('permessage-deflate; server_no_context_takeover', takeover),
    'permessage-deflate; server_no_context_takeover',
  );
});

test('agrees on nothing without an offer of permessage-deflate', () => {
  assert.equal(agreeOnDeflate([], plain), undefined);
  assert.equal(responseTo('x-webkit-deflate-frame'), undefined);
  assert.equal(responseTo('permessage-bzip2, permessage-deflate2; client_max_window_bits'), undefined);
});

test('accepts the first valid offer', () => {
  const second = 'permessage-deflate; server_max_window_bits=10';
  const response = `${promised}; server_max_window_bits=10`;
  for (const first of [
    'permessage-foo',
    'permessage-deflate; server_max_window_bits=8',
    'permessage-deflate; fast',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; client_no_context_takeover; client_no_context_takeover',
  ]) {
    assert.equal(responseTo(`${first}, ${second}`), response, first);
  }
  assert.equal(responseTo(`permessage-deflate, ${second}`), promised);
  assert.equal(responseTo('permessage-deflate; server_max_window_bits="10"'), response);
});

/** Every form of each parameter, and whether RFC 7692 §7.1 allows it in an offer. `undefined` omits it. */
const flag: [string | undefined, boolean][] = [
  [undefined, true],
  ['', true],
  ['=1', false],
  ['=true', false],
];
const sizes = ['8', '9', '10', '11', '12', '13', '14', '15'];
const noSizes = ['0', '7', '16', '08', '010', '+9', '-9', '1e1', '9.0', '0x9', 'x', '150', '99999999999'];
const withValue = [...sizes, ...noSizes].map((size): [string, boolean] => [`=${size}`, sizes.includes(size)]);
const hint: [string | undefined, boolean][] = [[undefined, true], ['', true], ...withValue];
const demand: [string | undefined, boolean][] = [[undefined, true], ['', false], ...withValue];

/** One form of all four. */
interface Written {
  readonly server: string | undefined;
  readonly client: string | undefined;
  readonly clientBits: string | undefined;
  readonly serverBits: string | undefined;
  readonly isWellFormed: boolean;
}

function* everyWay(): Generator<Written> {
  for (const [server, serverFits] of flag) {
    for (const [client, clientFits] of flag) {
      for (const [clientBits, clientBitsFit] of hint) {
        for (const [serverBits, serverBitsFit] of demand) {
          const isWellFormed = serverFits && clientFits && clientBitsFit && serverBitsFit;
          yield { server, client, clientBits, serverBits, isWellFormed };
        }
      }
    }
  }
}

/** The header with its parameters in both orders. */
function headersOf({ server, client, clientBits, serverBits }: Written): string[] {
  const parameters = [
    ['server_no_context_takeover', server],
    ['client_no_context_takeover', client],
    ['server_max_window_bits', serverBits],
    ['client_max_window_bits', clientBits],
  ].flatMap(([name, value]) => (value === undefined ? [] : [`${name}${value}`]));
  return [parameters, parameters.toReversed()].map((order) => ['permessage-deflate', ...order].join('; '));
}

/** `=12` is 12; without a number it is `otherwise`. */
function bitsOf(written: string | undefined, otherwise = 15): number {
  return written === undefined || written === '' ? otherwise : Number(written.slice(1));
}

test('responds to every combination of parameters by RFC 7692 §7.1, in both orders and with all options', () => {
  let taken = 0;
  for (const written of everyWay()) {
    const { server, client, clientBits, serverBits, isWellFormed } = written;
    const headers = headersOf(written);
    for (const wishes of allWishes) {
      const windowBits = Math.min(wishes.maxWindowBits, bitsOf(serverBits));
      const peerWindowBits = clientBits === undefined ? 15 : Math.min(wishes.maxWindowBits, bitsOf(clientBits));
      const response = [
        'permessage-deflate',
        ...(wishes.contextTakeover && server === undefined ? [] : ['server_no_context_takeover']),
        ...(wishes.contextTakeover && client === undefined ? [] : ['client_no_context_takeover']),
        ...(serverBits === undefined && windowBits === 15 ? [] : [`server_max_window_bits=${windowBits}`]),
        ...(peerWindowBits === 15 ? [] : [`client_max_window_bits=${peerWindowBits}`]),
      ].join('; ');
      const agreement = {
        windowBits,
        peerWindowBits,
        contextTakeover: wishes.contextTakeover && server === undefined,
        peerContextTakeover: wishes.contextTakeover && client === undefined,
        response,
      };
      const fits = isWellFormed && serverBits !== '=8';
      for (const header of headers) {
        const agreed = agreeOnDeflate(parse(header), wishes);
        if (!fits) assert.equal(agreed, undefined, header);
        else assert.deepEqual(agreed, agreement, `${header} with ${JSON.stringify(wishes)}`);
      }
      if (fits) taken++;
    }
  }
  assert.equal(taken, 2 * 2 * 10 * 8 * allWishes.length);
});

test('a repeated parameter declines an offer and makes a response invalid', () => {
  const parameters = [
    'server_no_context_takeover',
    'client_no_context_takeover',
    'client_max_window_bits=10',
    'client_max_window_bits=15',
    'server_max_window_bits=10',
    'server_max_window_bits=15',
  ];
  for (const one of parameters) {
    for (const other of parameters) {
      const repeated = one.split('=')[0] === other.split('=')[0];
      const header = `permessage-deflate; ${one}; ${other}`;
      assert.equal(responseTo(header) === undefined, repeated, header);
      assert.equal(readResponse(header, takeover) === 'WS_HANDSHAKE', repeated, header);
    }
  }
});

test('a client builds its offer from its options', () => {
  assert.equal(deflateOffer(plain), `${promised}; client_max_window_bits`);
  assert.equal(deflateOffer(takeover), 'permessage-deflate; client_max_window_bits');
  assert.equal(
    deflateOffer({ ...takeover, maxWindowBits: 10 }),
    'permessage-deflate; server_max_window_bits=10; client_max_window_bits=10',
  );
  assert.equal(
    deflateOffer({ ...plain, maxWindowBits: 9 }),
    `${promised}; server_max_window_bits=9; client_max_window_bits=9`,
  );
});

test('a client accepts every response within its offer and rejects every other', () => {
  let taken = 0;
  for (const written of everyWay()) {
    const { server, client, clientBits, serverBits, isWellFormed } = written;
    const headers = headersOf(written);
    for (const wishes of allWishes) {
      const { contextTakeover, maxWindowBits } = wishes;
      const fits =
        isWellFormed &&
        clientBits !== '' &&
        bitsOf(clientBits, 9) <= maxWindowBits &&
        bitsOf(serverBits) <= maxWindowBits &&
        (contextTakeover || server !== undefined);
      const agreement = {
        windowBits: bitsOf(clientBits, maxWindowBits),
        peerWindowBits: bitsOf(serverBits),
        contextTakeover: contextTakeover && client === undefined,
        peerContextTakeover: contextTakeover && server === undefined,
      };
      for (const header of headers) {
        const read = readResponse(header, wishes);
        assert.deepEqual(read, fits ? agreement : 'WS_HANDSHAKE', `${header} with ${JSON.stringify(wishes)}`);
      }
      if (fits) taken++;
    }
  }
  // Window sizes of server and client for 9, 12 and 15, with the omitted parameter where it is valid; then the flags.
  assert.equal(taken, (2 * 3 + 5 * 6 + 9 * 9) * (2 + 4));
});

test('a client rejects extensions it has not offered, a repeated one, and any without compression', () => {
  assert.equal(readDeflateResponse([], plain), undefined);
  assert.equal(readDeflateResponse([], { ...plain, compress: false }), undefined);
  for (const [header, wishes] of [
    [promised, { ...plain, compress: false }],
    ['x-webkit-deflate-frame', plain],
    ['Permessage-Deflate', takeover],
    [`${promised}, ${promised}`, plain],
    [`${promised}, permessage-foo`, plain],
    [`permessage-foo, ${promised}`, plain],
    [`${promised}; fast`, plain],
  ] as const) {
    assert.equal(readResponse(header, wishes), 'WS_HANDSHAKE', header);
  }
});

test('a client accepts a window of 8 bits', () => {
  const read = readDeflateResponse(parse('permessage-deflate; client_max_window_bits=8'), takeover);
  assert.equal(read?.windowBits, 8);
});

test('both ends agree on the same parameters, within the options of both', () => {
  const options = [false, true].flatMap((contextTakeover) =>
    [9, 10, 11, 12, 13, 14, 15].map((maxWindowBits) => ({ compress: true, contextTakeover, maxWindowBits })),
  );
  for (const server of options) {
    for (const client of options) {
      const agreed = agreeOnDeflate(parse(deflateOffer(client)), server);
      assert.ok(agreed !== undefined);
      const read = readDeflateResponse(parse(agreed.response), client);
      const bits = Math.min(server.maxWindowBits, client.maxWindowBits);
      const both = server.contextTakeover && client.contextTakeover;
      const expected = {
        windowBits: bits,
        peerWindowBits: bits,
        contextTakeover: both,
        peerContextTakeover: both,
      };
      assert.deepEqual(read, expected);
      assert.deepEqual(agreed, { ...expected, response: agreed.response });
    }
  }
});
