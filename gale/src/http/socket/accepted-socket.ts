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
 * The file descriptor of a socket; -1 where there is none. The system gives the lowest that is free, so one that was accepted just now
 * says how many are in use.
 */
export function descriptorOf(socket: Socket): number {
  // Node.js has no public name for it.
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : -1;
  return typeof descriptor === 'number' ? descriptor : -1;
}

/**
 * Closes a connection so that the peer sees that it broke. Over a Unix socket, which knows no reset, it is an end like any other.
 */
export function resetSocket(socket: Socket): void {
  const accepted = acceptedSocket(socket);
  if (accepted.remoteFamily !== undefined) accepted.resetAndDestroy();
  socket.destroy();
}
