/** Protocols inside of WebSocket messages: none, or Socket.IO. */

/** One protocol inside of WebSocket messages. */
export interface Dialect {
  /** Path and query of the handshake. */
  readonly target: string;
  /** Further header lines of the handshake, each with its CRLF. */
  readonly headers?: string;
  /** Encodes an application message as a frame's text, in both directions. */
  readonly wrap: (text: string) => string;
  /** Messages of the server after the handshake, by their first characters, with the reply to each. */
  readonly greeting: readonly { readonly begins: string; readonly reply?: string }[];
  /** The server's heartbeat message, and the reply. */
  readonly heartbeat?: { readonly text: string; readonly reply: string };
}

const plain: Dialect = { target: '/', wrap: (text) => text, greeting: [] };

/** Socket.IO protocol 5 over Engine.IO protocol 4, over WebSocket from the start, the namespace `/`. */
const socketIo: Dialect = {
  target: '/socket.io/?EIO=4&transport=websocket',
  wrap: (text) => `42${JSON.stringify(['message', text])}`,
  greeting: [{ begins: '0{', reply: '40' }, { begins: '40{' }],
  heartbeat: { text: '2', reply: '3' },
};

/**
 * Returns the dialect of a contestant.
 *
 * @throws If the name is unknown.
 */
export function dialectNamed(name: string | undefined): Dialect {
  if (name === undefined) return plain;
  if (name === 'socket.io') return socketIo;
  throw new Error(`Unknown dialect ${name}.`);
}
