/**
 * Every rule about frames in RFC 6455, as hex input and expected events. Each line is parsed by a server, masked, and by a client,
 * unmasked: whole, split at every byte, and byte by byte.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ParserLimits } from '../src/websocket/protocol/frame-parser.ts';
import {
  bytes,
  bytewise,
  splitAt,
  eventsOf,
  maskedByDefinition,
  testMask,
  wideLimits,
} from './support/websocket/websocket-bytes.ts';

/** One line of the table. */
interface Rule {
  readonly name: string;
  /** One frame each, as a server sends it; a header without payload where it is enough to break a rule. */
  readonly frames: readonly string[];
  /** Events of {@link eventsOf}: an error as its code and the close code. */
  readonly events: readonly string[];
  readonly limits?: Partial<ParserLimits>;
}

const rules: readonly Rule[] = [
  // Messages, §5.6 and §5.7.
  { name: 'a text', frames: ['81 05 48656c6c6f'], events: ['text Hello'] },
  { name: 'an empty text', frames: ['81 00'], events: ['text '] },
  { name: 'an empty binary', frames: ['82 00'], events: ['binary '] },
  { name: 'a binary', frames: ['82 03 00ff80'], events: ['binary 00ff80'] },
  { name: 'Chinese and an emoji', frames: ['81 0a e4b896 e7958c f09f9880'], events: ['text 世界😀'] },
  { name: 'a byte order mark, which is part of the text', frames: ['81 04 efbbbf41'], events: ['text \uFEFFA'] },
  { name: 'U+FFFD', frames: ['81 03 efbfbd'], events: ['text \uFFFD'] },
  { name: 'NUL in a text', frames: ['81 03 410042'], events: ['text A\0B'] },
  { name: 'two texts', frames: ['81 01 41', '81 01 42'], events: ['text A', 'text B'] },

  // Fragments, §5.4.
  { name: 'two fragments', frames: ['01 03 48656c', '80 02 6c6f'], events: ['text Hello'] },
  { name: 'three fragments of a binary', frames: ['02 01 00', '00 01 ff', '80 01 80'], events: ['binary 00ff80'] },
  { name: 'empty fragments', frames: ['02 00', '00 00', '80 00'], events: ['binary '] },
  { name: 'an empty last fragment', frames: ['01 01 41', '80 00'], events: ['text A'] },
  { name: 'an empty first fragment', frames: ['01 00', '80 01 41'], events: ['text A'] },
  {
    name: 'two fragmented messages',
    frames: ['01 01 41', '80 00', '02 00', '80 01 42'],
    events: ['text A', 'binary 42'],
  },
  {
    name: 'a character split by a frame boundary',
    frames: ['01 02 f09f', '00 01 98', '80 01 80'],
    events: ['text 😀'],
  },
  { name: 'a continuation without a message', frames: ['80 01 41'], events: ['WS_FRAGMENT 1002'] },
  { name: 'a continuation without a message that is not final', frames: ['00 01 41'], events: ['WS_FRAGMENT 1002'] },
  { name: 'a continuation after a whole message', frames: ['81 00', '00 00'], events: ['text ', 'WS_FRAGMENT 1002'] },
  {
    name: 'a continuation after a fragmented message',
    frames: ['01 01 41', '80 01 42', '80 01 43'],
    events: ['text AB', 'WS_FRAGMENT 1002'],
  },
  { name: 'a whole message inside another', frames: ['01 01 41', '81 01 42'], events: ['WS_FRAGMENT 1002'] },
  { name: 'a fragmented message inside another', frames: ['01 01 41', '02 01 42'], events: ['WS_FRAGMENT 1002'] },

  // Control frames, §5.5.
  { name: 'a ping', frames: ['89 00'], events: ['ping'] },
  { name: 'a ping with data', frames: ['89 05 48656c6c6f'], events: ['ping 48656c6c6f'] },
  { name: 'a ping of 125 bytes', frames: [`89 7d ${'2a'.repeat(125)}`], events: [`ping ${'2a'.repeat(125)}`] },
  { name: 'an unsolicited pong', frames: ['8a 01 2a'], events: ['pong 2a'] },
  { name: 'a pong of 125 bytes', frames: [`8a 7d ${'2a'.repeat(125)}`], events: [`pong ${'2a'.repeat(125)}`] },
  {
    name: 'control frames inside a fragmented message',
    frames: ['01 01 41', '89 01 31', '00 01 42', '8a 00', '80 01 43'],
    events: ['ping 31', 'pong', 'text ABC'],
  },
  {
    name: 'a control frame inside a character',
    frames: ['01 02 e4b8', '89 00', '80 01 96'],
    events: ['ping', 'text 世'],
  },
  { name: 'a close inside a fragmented message', frames: ['01 01 41', '88 02 03e8'], events: ['close 1000'] },
  { name: 'a ping of 126 bytes', frames: ['89 7e 007e'], events: ['WS_CONTROL_FRAME 1002'] },
  { name: 'a pong of 126 bytes', frames: ['8a 7e 007e'], events: ['WS_CONTROL_FRAME 1002'] },
  { name: 'a close of 126 bytes', frames: ['88 7e 007e'], events: ['WS_CONTROL_FRAME 1002'] },
  { name: 'a ping of 65,536 bytes', frames: ['89 7f 0000000000010000'], events: ['WS_CONTROL_FRAME 1002'] },
  { name: 'a fragmented ping', frames: ['09 00'], events: ['WS_CONTROL_FRAME 1002'] },
  { name: 'a fragmented pong', frames: ['0a 00'], events: ['WS_CONTROL_FRAME 1002'] },
  { name: 'a fragmented close', frames: ['08 02 03e8'], events: ['WS_CONTROL_FRAME 1002'] },
  {
    name: 'a fragmented ping inside a fragmented message',
    frames: ['01 01 41', '09 00', '80 00'],
    events: ['WS_CONTROL_FRAME 1002'],
  },

  // Lengths in their shortest form, §5.2.
  { name: '125 bytes', frames: [`82 7d ${'00'.repeat(125)}`], events: [`binary ${'00'.repeat(125)}`] },
  { name: '126 bytes', frames: [`82 7e 007e ${'00'.repeat(126)}`], events: [`binary ${'00'.repeat(126)}`] },
  { name: '0 in three bytes', frames: ['82 7e 0000'], events: ['WS_LENGTH 1002'] },
  { name: '125 in three bytes', frames: ['82 7e 007d'], events: ['WS_LENGTH 1002'] },
  { name: '0 in nine bytes', frames: ['82 7f 0000000000000000'], events: ['WS_LENGTH 1002'] },
  { name: '126 in nine bytes', frames: ['82 7f 000000000000007e'], events: ['WS_LENGTH 1002'] },
  { name: '65,535 in nine bytes', frames: ['82 7f 000000000000ffff'], events: ['WS_LENGTH 1002'] },
  { name: 'a length of 2^63', frames: ['82 7f 8000000000000000'], events: ['WS_LENGTH 1002'] },
  { name: 'a fragment of 1 in three bytes', frames: ['01 00', '80 7e 0001'], events: ['WS_LENGTH 1002'] },

  // Reserved bits and opcodes, §5.2.
  ...['c1', 'a1', '91', 'f1', 'c2', 'c9', 'a8', '9a', '41', 'f0'].map((first) => ({
    name: `reserved bits in ${first}`,
    frames: ['81 01 41', `${first} 00`],
    events: ['text A', 'WS_RESERVED_BITS 1002'],
  })),
  { name: 'RSV1 on a continuation', frames: ['01 00', 'c0 00'], events: ['WS_RESERVED_BITS 1002'] },
  ...['3', '4', '5', '6', '7', 'b', 'c', 'd', 'e', 'f'].flatMap((opcode) => [
    { name: `opcode ${opcode}`, frames: ['89 00', `8${opcode} 00`], events: ['ping', 'WS_OPCODE 1002'] },
    { name: `opcode ${opcode} in a fragment`, frames: [`0${opcode} 00`], events: ['WS_OPCODE 1002'] },
  ]),

  // Closing, §5.5.1 and §7.4.
  { name: 'a close without a code', frames: ['88 00'], events: ['close 1005'] },
  { name: 'a close', frames: ['88 02 03e8'], events: ['close 1000'] },
  { name: 'a close with a reason', frames: ['88 05 0fa0 627965'], events: ['close 4000 bye'] },
  {
    name: 'a close with a reason of 123 bytes',
    frames: [`88 7d 03e8 ${'61'.repeat(123)}`],
    events: [`close 1000 ${'a'.repeat(123)}`],
  },
  { name: 'a message after a close', frames: ['88 02 03e8', '81 01 41'], events: ['close 1000'] },
  { name: 'a ping and another close after a close', frames: ['88 00', '89 00', '88 02 03e8'], events: ['close 1005'] },
  { name: 'invalid bytes after a close', frames: ['88 02 03e8', 'ff 7f ffffffffffffffff'], events: ['close 1000'] },
  { name: 'a close of one byte', frames: ['88 01 03'], events: ['WS_CLOSE_PAYLOAD 1002'] },
  ...['0000', '03e7', '03ec', '03ed', '03ee', '03f7', '07d0', '0bb7', '1388', 'ffff'].map((code) => ({
    name: `a close with ${Number.parseInt(code, 16)}`,
    frames: [`88 02 ${code}`],
    events: ['WS_CLOSE_PAYLOAD 1002'],
  })),
  { name: 'a close whose reason is not UTF-8', frames: ['88 03 03e8 ff'], events: ['WS_UTF8 1007'] },
  { name: 'a close whose reason is truncated', frames: ['88 04 03e8 e4b8'], events: ['WS_UTF8 1007'] },
  { name: 'a close whose reason is a surrogate', frames: ['88 05 03e8 eda080'], events: ['WS_UTF8 1007'] },

  // Text is UTF-8, §8.1; as soon as it is invalid, the following bytes do not matter.
  { name: 'a surrogate', frames: ['81 03 eda080'], events: ['WS_UTF8 1007'] },
  { name: 'an overlong character', frames: ['81 02 c080'], events: ['WS_UTF8 1007'] },
  { name: 'a truncated text', frames: ['81 03 41e4b8'], events: ['WS_UTF8 1007'] },
  { name: 'truncated fragments', frames: ['01 01 e4', '80 01 b8'], events: ['WS_UTF8 1007'] },
  { name: 'a truncated text before an empty fragment', frames: ['01 01 e4', '80 00'], events: ['WS_UTF8 1007'] },
  { name: 'a first fragment that is not UTF-8', frames: ['01 01 ff', '80 00'], events: ['WS_UTF8 1007'] },
  { name: 'invalid UTF-8 before an invalid frame', frames: ['01 02 c3c3', '83 00'], events: ['WS_UTF8 1007'] },
  { name: 'invalid UTF-8 in an incomplete frame', frames: ['81 05 ff'], events: ['WS_UTF8 1007'] },
  { name: 'an invalid character across a frame boundary', frames: ['01 01 e4', '80 01 41'], events: ['WS_UTF8 1007'] },
  { name: 'a binary that is not UTF-8', frames: ['02 01 ff', '80 01 c0'], events: ['binary ffc0'] },

  // Messages that this end does not accept, §7.4.1; the header is enough to reject them.
  {
    name: 'a binary where only text is accepted',
    frames: ['82 01'],
    events: ['WS_MESSAGE_TYPE 1003'],
    limits: { messageTypes: 'text' },
  },
  {
    name: 'a text where only binary is accepted, after a binary',
    frames: ['82 01 41', '01 01'],
    events: ['binary 41', 'WS_MESSAGE_TYPE 1003'],
    limits: { messageTypes: 'binary' },
  },
  {
    name: 'fragments and control frames of a text where only text is accepted',
    frames: ['01 01 41', '89 00', '80 01 42'],
    events: ['ping', 'text AB'],
    limits: { messageTypes: 'text' },
  },
  {
    name: 'exactly maxMessageBytes',
    frames: ['82 04 00010203'],
    events: ['binary 00010203'],
    limits: { maxMessageBytes: 4 },
  },
  { name: 'one byte too many', frames: ['82 05'], events: ['WS_MESSAGE_TOO_BIG 1009'], limits: { maxMessageBytes: 4 } },
  { name: 'nearly 2^63 bytes', frames: ['82 7f 7fffffffffffffff'], events: ['WS_MESSAGE_TOO_BIG 1009'] },
  {
    name: 'exactly maxMessageBytes in fragments, twice',
    frames: ['01 02 4142', '80 02 4344', '01 02 4142', '80 02 4344'],
    events: ['text ABCD', 'text ABCD'],
    limits: { maxMessageBytes: 4 },
  },
  {
    name: 'one byte too many in the last fragment',
    frames: ['01 02 4142', '00 02 4344', '80 01'],
    events: ['WS_MESSAGE_TOO_BIG 1009'],
    limits: { maxMessageBytes: 4 },
  },
  {
    name: 'a ping inside a message of exactly maxMessageBytes',
    frames: ['01 04 41424344', '89 04 00000000', '80 00'],
    events: ['ping 00000000', 'text ABCD'],
    limits: { maxMessageBytes: 4 },
  },
  {
    name: 'exactly maxFragments, twice',
    frames: ['01 00', '00 00', '80 00', '01 00', '00 00', '80 00'],
    events: ['text ', 'text '],
    limits: { maxFragments: 3 },
  },
  {
    name: 'one fragment too many',
    frames: ['01 00', '00 00', '00 00', '80 00'],
    events: ['WS_TOO_MANY_FRAGMENTS 1009'],
    limits: { maxFragments: 3 },
  },
];

for (const { name, frames, events, limits } of rules) {
  const accepted = { ...wideLimits, ...limits };
  const roles = [
    { role: 'server', whole: Buffer.concat(frames.map((frame) => maskedByDefinition(bytes(frame), testMask))) },
    { role: 'client', whole: Buffer.concat(frames.map(bytes)) },
  ] as const;
  for (const { role, whole } of roles) {
    test(`a ${role} parses equally whole, split at every byte and byte by byte: ${name}`, () => {
      assert.deepEqual(eventsOf([whole], accepted, role), events);
      for (let at = 1; at < whole.length; at++) {
        assert.deepEqual(eventsOf(splitAt(whole, at), accepted, role), events, `split at ${at}`);
      }
      assert.deepEqual(eventsOf(bytewise(whole), accepted, role), events, 'byte by byte');
    });
  }
}

/** Masking rules, §5.1, as hex input. */
const masking = [
  { name: 'an unmasked text', role: 'server', hex: '81 05 48656c6c6f', events: ['WS_MASK 1002'] },
  { name: 'an unmasked ping', role: 'server', hex: '89 00', events: ['WS_MASK 1002'] },
  { name: 'an unmasked close', role: 'server', hex: '88 02 03e8', events: ['WS_MASK 1002'] },
  {
    name: 'an unmasked fragment after a masked one',
    role: 'server',
    hex: '01 80 00000000 80 00',
    events: ['WS_MASK 1002'],
  },
  { name: 'a masked text', role: 'client', hex: '81 85 37fa213d 7f9f4d5158', events: ['WS_MASK 1002'] },
  { name: 'a text masked with zeros', role: 'client', hex: '81 81 00000000 41', events: ['WS_MASK 1002'] },
  { name: 'a masked ping', role: 'client', hex: '89 80 37fa213d', events: ['WS_MASK 1002'] },
  { name: 'a masked close', role: 'client', hex: '88 82 00000000 03e8', events: ['WS_MASK 1002'] },
  {
    name: 'a masked fragment after an unmasked one',
    role: 'client',
    hex: '01 00 80 80 37fa213d',
    events: ['WS_MASK 1002'],
  },
  {
    name: 'fragments with different masks',
    role: 'server',
    hex: '01 83 37fa213d 7f9f4d 00 81 ffffffff 93 80 81 00000000 6f',
    events: ['text Hello'],
  },
] as const;

for (const { name, role, hex, events } of masking) {
  test(`a ${role} parses equally whole, split at every byte and byte by byte: ${name}`, () => {
    const whole = bytes(hex);
    assert.deepEqual(eventsOf([whole], wideLimits, role), events);
    for (let at = 1; at < whole.length; at++) assert.deepEqual(eventsOf(splitAt(whole, at), wideLimits, role), events);
    assert.deepEqual(eventsOf(bytewise(whole), wideLimits, role), events);
  });
}
