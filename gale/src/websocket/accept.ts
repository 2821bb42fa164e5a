/** Opens the server's end of a WebSocket: answers a checked handshake with 101 and takes the connection out of HTTP. */
import type { HttpRequest } from '../http/request.ts';
import { WebSocketConnection } from './connection.ts';
import { agreeOnDeflate } from './compression/deflate-offer.ts';
import { handshakeResponse } from './protocol/handshake.ts';
import type { Handshake, HandshakeChoice } from './protocol/handshake.ts';
import type { WebSocketEvents } from './websocket-events.ts';
import { resolveWebSocketOptions } from './websocket-options.ts';
import type { WebSocketOptions } from './websocket-options.ts';

/** What {@link acceptWebSocket} may be told. */
export interface AcceptOptions extends Omit<HandshakeChoice, 'extensions'> {
  /** Limits, timers and compression. */
  readonly options?: WebSocketOptions | undefined;
}

/**
 * Answers a checked handshake with 101 and makes its connection a WebSocket.
 *
 * @throws {@link GaleError} `WS_ANSWER`, or what {@link HttpRequest.upgrade} throws; nothing was answered then.
 */
export function acceptWebSocket(
  request: HttpRequest,
  handshake: Handshake,
  events: WebSocketEvents,
  accept: AcceptOptions = {},
): WebSocketConnection {
  const options = resolveWebSocketOptions(accept.options);
  const deflate = options.compress ? agreeOnDeflate(handshake.extensions, options) : undefined;
  const choice = deflate === undefined ? accept : { ...accept, extensions: deflate.response };
  const responseHead = handshakeResponse(handshake, choice);
  return new WebSocketConnection(request.upgrade(), events, { options, responseHead, deflate });
}
