/**
 * The accepted socket, also under a TLS socket, and operations that only this socket supports, such as resetting the connection.
 */
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** The socket as it was accepted: for a TLS socket, the one under it. */
export function acceptedSocket(socket: Socket): Socket {
  // Node.js has no public API for the socket under a TLS socket.
  const underlying: unknown = socket instanceof TLSSocket ? Reflect.get(socket, '_parent') : undefined;
  return underlying instanceof Socket ? underlying : socket;
}

/**
 * The file descriptor of a socket; -1 without one. The operating system assigns the lowest free descriptor, so that of a new socket shows how
 * many are in use.
 */
export function descriptorOf(socket: Socket): number {
  // Node.js has no public API for it.
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : -1;
  return typeof descriptor === 'number' ? descriptor : -1;
}

/**
 * Resets a connection, so that the peer sees an error. A Unix socket has no reset, so its peer sees a normal end.
 */
export function resetSocket(socket: Socket): void {
  const accepted = acceptedSocket(socket);
  if (accepted.remoteFamily !== undefined) accepted.resetAndDestroy();
  socket.destroy();
}
