/** What a WebSocket connection tells its user, on either end. */
import type { WebSocketConnection } from './connection.ts';

/**
 * What a connection tells its user. All but `onClose` and `onError` are told one at a time and in order: while a promise
 * that one of them returned has not settled, nothing else is read, and a peer that goes on sending has to wait.
 * What they throw goes to `onError` and closes with 1011; what else they return, or a promise settles with, is not looked at.
 */
export interface WebSocketEvents {
  /** Called first, once. */
  onOpen?(connection: WebSocketConnection): unknown;
  /** A string for a text message, a Buffer that is the receiver's own for a binary one. Never called after `close()`. */
  onMessage(message: string | Buffer): unknown;
  /** The peer's ping; it was answered already. */
  onPing?(data: Buffer): unknown;
  /** The peer's pong, an answer to the pings of the timer included. */
  onPong?(data: Buffer): unknown;
  /**
   * Called last, exactly once.
   *
   * @param code - What the peer's close frame said, 1005 if it said nothing. If we closed, our own code, 1001 if the server
   * stopped, unless the peer answered with another or closed at the same time (RFC 6455 §7.1.5). 1006 if the connection was lost.
   * @param reason - What the close frame said; for 1006 why we think so.
   */
  onClose(code: number, reason: string): unknown;
  /** What a handler threw, and a `ProtocolError` when the peer broke a rule. Without it a warning of the process tells. */
  onError?(error: unknown): void;
}

/** Tells `onError`; a warning of the process tells what nobody hears. Never throws. */
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
