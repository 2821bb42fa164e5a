/** Texts of commands and messages in rooms, for each server of the benchmark. Numbers have nine digits, so that frames have one length. */

/** Number of the first publish. */
export const firstNumber = 100_000_000;

/** How a server speaks about rooms. */
export interface RoomDialect {
  /** Path and query of the handshake of a person. */
  readonly target: (person: string) => string;
  /** Messages of the server after the handshake, by their first characters, with the reply to each. */
  readonly greeting: readonly { readonly begins: string; readonly reply?: string }[];
  /** A command that subscribes to a room, after a position of a reply to it if there is one; undefined if everyone is subscribed. */
  readonly subscribe: ((room: string, position: Position | undefined) => string) | undefined;
  /** First characters of the reply to it. */
  readonly subscribed: string;
  /** A command that publishes; `number` appears wherever the server needs it. */
  readonly publish: (room: string, person: string, number: number, text: string) => string;
  /** First characters of a message. */
  readonly message: string;
  /** Whether the own message is the acknowledgement. */
  readonly isEcho?: true;
  /** First characters of other frames that may arrive; all frames that begin otherwise are acknowledgements. */
  readonly ignored: readonly string[];
  /** First characters of a refusal. */
  readonly refusal: string;
  /** The server's heartbeat message, and the reply. */
  readonly heartbeat?: { readonly text: string; readonly reply: string };
}

/** Where a connection is in the stream of a room. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

/** docs/wire.md. */
const gale: RoomDialect = {
  target: (person) => `/socket?id=${person}`,
  greeting: [{ begins: '{"type":"welcome"' }],
  subscribe: (room, position) => JSON.stringify({ type: 'subscribe', ref: 1, room, after: position }),
  subscribed: '{"epoch"',
  publish: (room, person, number, text) =>
    JSON.stringify({ type: 'publish', ref: number, room, id: `${person}-${number}`, data: { text } }),
  message: '{"type":"message"',
  ignored: ['{"type":"people"', '{"type":"presence"', '{"type":"read"'],
  refusal: '{"type":"error"',
};

/** Socket.IO protocol 5 over Engine.IO protocol 4, with the events of rivals/socket-io-rooms.js. */
const socketIo: RoomDialect = {
  target: () => '/socket.io/?EIO=4&transport=websocket',
  greeting: [{ begins: '0{', reply: '40' }, { begins: '40{' }],
  subscribe: (room) => `421${JSON.stringify(['subscribe', room])}`,
  subscribed: '431',
  publish: (room, person, number, text) =>
    `42${number}${JSON.stringify(['publish', room, { id: `${person}-${number}`, data: { text } }])}`,
  message: '42["message"',
  ignored: [],
  refusal: '44',
  heartbeat: { text: '2', reply: '3' },
};

/** A broadcast to all connections without rooms, examples/broadcast.ts. A message is as long as one of Gale's rooms. */
const broadcast: RoomDialect = {
  target: () => '/',
  greeting: [],
  subscribe: undefined,
  subscribed: '',
  publish: (_room, person, number, text) => `"id":"${person}-${number}" ${text} ${'-'.repeat(broadcastExtra)}`,
  message: '"id":"',
  isEcho: true,
  ignored: [],
  refusal: '{"type":"error"',
};

/** What makes a broadcast as long as a message of a room: the fields of its frame, which are constant but for the last digits. */
const broadcastExtra = 145;

const dialects: Readonly<Record<string, RoomDialect>> = { gale, 'socket.io': socketIo, broadcast };

/** The dialect of a contestant. @throws If the name is unknown. */
export function roomDialectNamed(name: string): RoomDialect {
  const dialect = dialects[name];
  if (dialect === undefined) throw new Error(`Unknown dialect ${name}.`);
  return dialect;
}
