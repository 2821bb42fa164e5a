/** The package `gale/websocket`: WebSockets of a server and of a client, and the parts of a handshake. No logic. */
export { acceptWebSocket } from './websocket/accept.ts';
export type { AcceptOptions } from './websocket/accept.ts';
export { broadcast } from './websocket/sending.ts';
export { connectWebSocket, WebSocketClient } from './websocket/client/client.ts';
export type { ClosePayload } from './websocket/protocol/close-payload.ts';
export type { ClientTlsOptions, ConnectOptions } from './websocket/client/connect-options.ts';
export { WebSocketRefusedError } from './websocket/client/refused-error.ts';
export type { HandshakeResponse } from './websocket/client/handshake-response.ts';
export { WebSocketConnection } from './websocket/connection.ts';
export type { ConnectionSetup } from './websocket/connection.ts';
export type { WebSocketEvents } from './websocket/websocket-events.ts';
export type { WebSocketOptions } from './websocket/websocket-options.ts';
export { acceptKey, handshakeResponse, readHandshake, refusalHeaders } from './websocket/protocol/handshake.ts';
export type { Handshake, HandshakeChoice } from './websocket/protocol/handshake.ts';
export type { ExtensionOffer } from './websocket/protocol/header-syntax.ts';
export { isSameOrigin } from './websocket/protocol/origin.ts';
export { prepareMessage } from './websocket/writing/prepared-message.ts';
export type { PreparedMessage } from './websocket/writing/prepared-message.ts';
