/**
 * The listeners of all sockets of a server: the same few functions for each, so that a connection that says nothing holds no closures.
 */
import type { Socket } from 'node:net';
import { leaveAddress } from './address-limit.ts';

/** What a socket tells whoever owns it. */
export interface SocketOwner {
  /** Bytes came. */
  onData(bytes: Buffer): void;
  /** The peer has sent its last byte. */
  onInputEnd(): void;
  /** The socket has room again. */
  onDrain?(): void;
  /** The connection broke; `onSocketClose` follows. */
  onSocketError?(error: Error): void;
  /** The socket has closed, for whatever reason. */
  onSocketClose(): void;
}

/** Who counts sockets, whoever owns them. */
export interface SocketCloseListener {
  /** The socket has closed; its owner knows. */
  onSocketGone(socket: Socket): void;
}

/** Lets `owner`, and nobody before it, know what happens on `socket`. */
export function listenTo(socket: Socket, owner: SocketOwner): void {
  const isHeard = ownerKey in socket;
  (socket as OwnedSocket)[ownerKey] = owner;
  if (isHeard) return;
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('drain', onDrain);
  socket.on('error', onError);
  socket.on('close', onClose);
}

/**
 * Takes back {@link listenTo}. The listeners stay, and tell nobody: the next owner often wants the same, an error before it listens
 * must not end the process, and a socket from which something is removed takes a kilobyte more, as do the lists of its listeners.
 */
export function stopListening(socket: Socket): void {
  (socket as OwnedSocket)[ownerKey] = undefined;
}

/** Lets `listener` know when a socket has closed that was given to {@link listenTo}, after its owner. */
export function notifyClose(socket: Socket, listener: SocketCloseListener): void {
  (socket as OwnedSocket)[closeListenerKey] = listener;
}

const closeListenerKey: unique symbol = Symbol('SocketCloseListener');
const ownerKey: unique symbol = Symbol('SocketOwner');

interface OwnedSocket extends Socket {
  [ownerKey]?: SocketOwner | undefined;
  [closeListenerKey]?: SocketCloseListener;
}

function onData(this: OwnedSocket, bytes: Buffer): void {
  this[ownerKey]?.onData(bytes);
}

function onEnd(this: OwnedSocket): void {
  this[ownerKey]?.onInputEnd();
}

function onDrain(this: OwnedSocket): void {
  this[ownerKey]?.onDrain?.();
}

/** `close` follows and says all that matters. Node.js closes by itself, but not for a client of TLS that renegotiates without end. */
function onError(this: OwnedSocket, error: Error): void {
  this[ownerKey]?.onSocketError?.(error);
  this.destroy();
}

function onClose(this: OwnedSocket): void {
  this[ownerKey]?.onSocketClose();
  this[closeListenerKey]?.onSocketGone(this);
  leaveAddress(this);
}
