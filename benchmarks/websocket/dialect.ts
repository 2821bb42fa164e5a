/** What servers speak inside of WebSocket messages: nothing of their own, or Socket.IO. */

/** A way to speak. */
export interface Dialect {
  /** Path and query that the handshake asks for. */
  readonly target: string;
  /** A message of the application as it stands in a frame, both ways. */
  readonly wrap: (text: string) => string;
  /** What the server says once the handshake is done, by how each begins, and what is answered. */
  readonly greeting: readonly { readonly begins: string; readonly answer?: string }[];
  /** What the server says now and then to see that somebody is there, and what is answered. */
  readonly heartbeat?: { readonly text: string; readonly answer: string };
}

const plain: Dialect = { target: '/', wrap: (text) => text, greeting: [] };

/** Socket.IO protocol 5 over Engine.IO protocol 4, over WebSocket from the start, the namespace `/`. */
const socketIo: Dialect = {
  target: '/socket.io/?EIO=4&transport=websocket',
  wrap: (text) => `42${JSON.stringify(['message', text])}`,
  greeting: [{ begins: '0{', answer: '40' }, { begins: '40{' }],
  heartbeat: { text: '2', answer: '3' },
};

/**
 * The dialect of a contestant.
 *
 * @throws If nobody speaks it here.
 */
export function dialectNamed(name: string | undefined): Dialect {
  if (name === undefined) return plain;
  if (name === 'socket.io') return socketIo;
  throw new Error(`Nobody here speaks ${name}.`);
}
