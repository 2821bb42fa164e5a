/** Opens the server end of a WebSocket: responds to a valid handshake with 101 and takes over the HTTP connection. */
import { headTooLarge } from '../http/protocol/response-head.ts';
import type { HttpRequest } from '../http/request.ts';
import { assertNames } from '../run/given-options.ts';
import { WebSocketConnection } from './connection.ts';
import { agreeOnDeflate } from './compression/deflate-offer.ts';
import { handshakeResponse } from './protocol/handshake.ts';
import type { Handshake, HandshakeChoice } from './protocol/handshake.ts';
import type { WebSocketEvents } from './websocket-events.ts';
import { resolveWebSocketOptions } from './websocket-options.ts';
import type { WebSocketOptions } from './websocket-options.ts';

/** Options of {@link acceptWebSocket}. */
export interface AcceptOptions extends Omit<HandshakeChoice, 'extensions'> {
  /** Limits, timers and compression. */
  readonly options?: WebSocketOptions | undefined;
}

/**
 * Responds to a valid handshake with 101 and turns its connection into a WebSocket.
 *
 * @throws {@link GaleError} `WS_RESPONSE`, `HTTP_RESPONSE_HEAD_TOO_LARGE`, `OPTION_UNKNOWN`, `OPTION_VALUE`, or an error of {@link HttpRequest.upgrade}. No response was sent then.
 */
export function acceptWebSocket(
  request: HttpRequest,
  handshake: Handshake,
  events: WebSocketEvents,
  accept: AcceptOptions = {},
): WebSocketConnection {
  assertNames('acceptWebSocket', accept, ['protocol', 'headers', 'options']);
  const { options: given, ...choice } = accept;
  const options = resolveWebSocketOptions(given);
  const deflate = options.compress ? agreeOnDeflate(handshake.extensions, options) : undefined;
  const responseHead = handshakeResponse(handshake, { ...choice, extensions: deflate?.response });
  const { maxResponseHeadBytes } = request;
  if (responseHead.length > maxResponseHeadBytes) throw headTooLarge(responseHead.length, maxResponseHeadBytes);
  return new WebSocketConnection(request.upgrade(), events, { options, responseHead, deflate });
}
