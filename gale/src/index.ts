/** The package `gale`: what its users import, storey by storey. No logic. */
// run
export { createLog, logLevels } from './run/log.ts';
export type { Logger, LogLevel } from './run/log.ts';
export { defineOptions } from './run/options.ts';
export type { IntegerOption, Option, Options, OptionValues, SwitchOption, TextOption } from './run/options.ts';
// errors
export { errorTable, GaleError, ProtocolError } from './errors.ts';
export type { ErrorCode, ErrorRow } from './errors.ts';
// http
export { HttpServer } from './http/server.ts';
export type { RequestListener } from './http/connection.ts';
export type { HttpServerOptions } from './http/server-options.ts';
export { HeaderList } from './http/header-list.ts';
export { HttpRequest } from './http/request.ts';
export type { UpgradedConnection } from './http/request.ts';
export { RequestBody } from './http/body.ts';
export { HttpResponse } from './http/response.ts';
export type { ResponseHeaders } from './http/response-head.ts';
export { reasonPhrase, reasonPhrases } from './http/status.ts';
export { TimerWheel } from './http/timer-wheel.ts';
export type { Deadline, TimerWheelOptions } from './http/timer-wheel.ts';
// websocket
export { acceptWebSocket, broadcast, WebSocketConnection } from './websocket/connection.ts';
export type { AcceptOptions, WebSocketEvents, WebSocketOptions } from './websocket/connection.ts';
export { acceptKey, handshakeAnswer, isSameOrigin, readHandshake, refusalHeaders } from './websocket/handshake.ts';
export type { Handshake, HandshakeChoice } from './websocket/handshake.ts';
export type { ExtensionOffer } from './websocket/header-syntax.ts';
export { prepareMessage } from './websocket/prepared-message.ts';
export type { PreparedMessage } from './websocket/prepared-message.ts';
// web
export { DictLoader, Loader, TemplateLoader } from './web/template/loader.ts';
export type { LoaderOptions } from './web/template/loader.ts';
export { Template } from './web/template/template.ts';
export type { TemplateOptions, TemplateSettings } from './web/template/template.ts';
export { TemplateError } from './web/template/template-error.ts';
export type { TemplateErrorCode, TemplatePlace } from './web/template/template-error.ts';
export type { WhitespaceMode } from './web/template/whitespace.ts';
// rooms
export type { Entry, Person, Position, Published, RoomMessage, StreamPage } from './rooms/stream.ts';
export type { Broker, BrokerListener, Cursors, Lease, Presence, PublishOptions } from './rooms/broker.ts';
export { MemoryBroker } from './rooms/brokers/memory.ts';
export type { MemoryBrokerOptions } from './rooms/brokers/memory.ts';
export { Rooms } from './rooms/hub.ts';
export { RoomError } from './rooms/room-error.ts';
export { roomsDefaults } from './rooms/rooms-options.ts';
export type { RoomsOptions } from './rooms/rooms-options.ts';
export { Subscription } from './rooms/subscription.ts';
export type { StreamStart, Subscriber } from './rooms/subscription.ts';
export type { Missed } from './rooms/inbox.ts';
export type { PresenceChange } from './rooms/lanes.ts';
