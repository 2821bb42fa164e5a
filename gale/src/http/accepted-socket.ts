/**
 * The socket that was accepted, also beneath one that encrypts, and what only it can do: reset the connection.
 */
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The socket as it was accepted. */
export function acceptedSocket(socket: Socket): Socket {
  // Node.js has no public name for the socket beneath.
  const beneath: unknown = socket instanceof TLSSocket ? Reflect.get(socket, '_parent') : undefined;
  return beneath instanceof Socket ? beneath : socket;
}

/**
 * Closes a connection so that the peer sees that it broke. Over a Unix socket, which knows no reset, it is an end like any other.
 */
export function resetSocket(socket: Socket): void {
  const accepted = acceptedSocket(socket);
  if (accepted.remoteFamily !== undefined) accepted.resetAndDestroy();
  socket.destroy();
}
