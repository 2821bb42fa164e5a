/** The callbacks of a WebSocket connection, on the server and the client. */
import type { WebSocketConnection } from './connection.ts';

/**
 * Callbacks of a connection. All but `onClose` and `onError` run one at a time and in order: while a returned promise is pending,
 * nothing more is read, and the peer must wait.
 * An error goes to `onError` and closes with 1011. Other return values are ignored.
 */
export interface WebSocketEvents {
  /** Called first, once. */
  onOpen?(connection: WebSocketConnection): unknown;
  /** A text message as a string, a binary one as a Buffer that the callee owns. Never called after `close()`. */
  onMessage(message: string | Buffer): unknown;
  /** A ping of the peer, after the pong was queued. */
  onPing?(data: Buffer): unknown;
  /** A pong of the peer, including those for pings of the timer. */
  onPong?(data: Buffer): unknown;
  /** The server begins to close: the connection closes with 1001 after this call. */
  onServerClosing?(): void;
  /**
   * Called last, exactly once.
   *
   * @param code - The code of the peer's close frame, 1005 for an empty one. If we closed, our own code, unless the peer responded
   * with another or closed at the same time (RFC 6455 §7.1.5); 1001 on server shutdown. 1006 if the connection was lost.
   * @param reason - The reason of the close frame as it was sent, at most 123 bytes of UTF-8; for 1006 the cause.
   */
  onClose(code: number, reason: string): unknown;
  /** An error of a handler, or a `ProtocolError` when the peer broke a rule. Without it the error is a process warning. */
  onError?(error: unknown): void;
}

/** Calls `onError`; without it, or if it throws, emits a process warning. Never throws. */
export function reportError(events: Pick<WebSocketEvents, 'onError'>, error: unknown): void {
  try {
    if (events.onError === undefined) process.emitWarning(warningFor(error));
    else events.onError(error);
  } catch (thrown) {
    process.emitWarning(warningFor(thrown));
  }
}

function warningFor(error: unknown): string {
  return `A WebSocket handler failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
