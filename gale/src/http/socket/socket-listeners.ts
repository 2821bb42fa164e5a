/**
 * The listeners of all sockets of a server. Every socket has the same few functions, so an idle connection holds no closures.
 */
import type { Socket } from 'node:net';
import { leaveAddress } from './address-limit.ts';
import { copyOf, readIntoSharedBuffer, sharedBytes } from './shared-read-buffer.ts';

/** Receives the events of a socket. */
export interface SocketOwner {
  /** Whether `onData` copies what it keeps. Then its bytes are often memory that the next read overwrites. */
  readonly copiesBytes?: boolean;
  /** Bytes have arrived. */
  onData(bytes: Buffer): void;
  /** The peer has sent its last byte. */
  onInputEnd(): void;
  /** The socket has room again. */
  onDrain?(): void;
  /** The connection failed; `onSocketClose` follows. */
  onSocketError?(error: Error): void;
  /** The socket has closed, for any reason. */
  onSocketClose(): void;
}

/** Is notified when a socket has closed, independent of its owner. */
export interface SocketCloseListener {
  /** The socket has closed; its owner was notified before. */
  onSocketGone(socket: Socket): void;
}

/** Sends the events of `socket` to `owner`, instead of its previous owner. */
export function listenTo(socket: Socket, owner: SocketOwner): void {
  const hasListeners = ownerKey in socket;
  (socket as OwnedSocket)[ownerKey] = owner;
  if (hasListeners) return;
  readIntoSharedBuffer(socket, onRead);
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('drain', onDrain);
  socket.on('error', onError);
  socket.on('close', onClose);
}

/**
 * Reverts {@link listenTo}. The listeners stay but notify no owner: the next owner often needs the same ones, an error before it listens must
 * not end the process, and removing listeners costs a kilobyte of memory per socket.
 */
export function stopListening(socket: Socket): void {
  (socket as OwnedSocket)[ownerKey] = undefined;
}

/** Notifies `listener`, after the owner, when a socket of {@link listenTo} has closed. */
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

/** Bytes are in the shared buffer. They join those that wait in the stream: of a paused socket, or of one without an owner. */
function onRead(this: OwnedSocket, byteCount: number): boolean {
  const owner = this[ownerKey];
  const bytes = sharedBytes(byteCount);
  if (owner === undefined || this.readableFlowing !== true || this.readableLength > 0) return this.push(copyOf(bytes));
  owner.onData(owner.copiesBytes === true ? bytes : copyOf(bytes));
  return true;
}

function onEnd(this: OwnedSocket): void {
  this[ownerKey]?.onInputEnd();
}

function onDrain(this: OwnedSocket): void {
  this[ownerKey]?.onDrain?.();
}

/** `close` follows. Node.js destroys the socket after most errors, but not for a TLS client that renegotiates without end. */
function onError(this: OwnedSocket, error: Error): void {
  this[ownerKey]?.onSocketError?.(error);
  this.destroy();
}

function onClose(this: OwnedSocket): void {
  this[ownerKey]?.onSocketClose();
  this[closeListenerKey]?.onSocketGone(this);
  leaveAddress(this);
}
