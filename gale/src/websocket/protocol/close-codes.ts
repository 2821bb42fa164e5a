/**
 * Close codes, RFC 6455 §7.4; 1012 to 1014 are from the IANA WebSocket Close Code Number Registry. Needs nothing of Node.js:
 * the client of rooms uses it in browsers.
 */

/** Close codes that this package sends, or reports when the peer sent none. */
export const closeCodes = {
  normal: 1000,
  goingAway: 1001,
  /** The close frame had no code. Never sent. */
  none: 1005,
  /** There was no close frame: the connection was lost. Never sent. */
  abnormal: 1006,
  /** The handler threw, or the server failed in another way. */
  failed: 1011,
  /** The server restarts. The peer should reconnect. */
  restart: 1012,
  /** The server is too busy. The peer should reconnect later. */
  tryAgain: 1013,
  /** More than `maxBufferedBytes` were pending for this peer. It should reconnect and recover. */
  tooSlow: 4008,
} as const;

/** Whether a close frame may carry this code, RFC 6455 §7.4. */
export function isCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

/** The codes of {@link isCloseCode}, for messages. */
export const closeCodeRange = 'an integer from 1000 to 1003, from 1007 to 1014 or from 3000 to 4999';
