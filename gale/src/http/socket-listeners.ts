/**
 * The listeners of all sockets of a server: the same few functions for each, so that a connection that says nothing holds no closures.
 */
import type { Socket } from 'node:net';

/** What a socket tells whoever owns it. */
export interface SocketOwner {
  /** Bytes came. */
  onData(bytes: Buffer): void;
  /** The client has sent its last byte. */
  onInputEnd(): void;
  /** The socket has room again. */
  onDrain(): void;
  /** The socket has closed, for whatever reason. */
  onSocketClose(): void;
}

/** Lets `owner` know what happens on `socket`. */
export function listenTo(socket: Socket, owner: SocketOwner): void {
  (socket as OwnedSocket)[ownerKey] = owner;
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('drain', onDrain);
  socket.on('error', onError);
  socket.on('close', onClose);
}

/** Takes back {@link listenTo}; only an error is still caught, since it would end the process before the next owner listens. */
export function leave(socket: Socket): void {
  delete (socket as OwnedSocket)[ownerKey];
  socket.off('data', onData);
  socket.off('end', onEnd);
  socket.off('drain', onDrain);
  socket.off('close', onClose);
}

const ownerKey: unique symbol = Symbol('SocketOwner');

interface OwnedSocket extends Socket {
  [ownerKey]?: SocketOwner;
}

function onData(this: OwnedSocket, bytes: Buffer): void {
  this[ownerKey]?.onData(bytes);
}

function onEnd(this: OwnedSocket): void {
  this[ownerKey]?.onInputEnd();
}

function onDrain(this: OwnedSocket): void {
  this[ownerKey]?.onDrain();
}

/** `close` follows and says all that matters. Node.js closes by itself, but not for a client of TLS that renegotiates without end. */
function onError(this: OwnedSocket): void {
  this.destroy();
}

function onClose(this: OwnedSocket): void {
  this[ownerKey]?.onSocketClose();
}
