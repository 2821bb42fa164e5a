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
// websocket
// web
// rooms
export type { Entry, Person, Position, Published, RoomMessage, StreamPage } from './rooms/stream.ts';
export type { Broker, BrokerListener, Cursors, Lease, Presence, PublishOptions } from './rooms/broker.ts';
