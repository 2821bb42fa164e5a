/** The package `gale/rooms`: rooms, their brokers in memory and SQLite, and the types of their data. No logic. */
export type {
  Amended,
  Amendment,
  Entry,
  Person,
  Position,
  Published,
  RoomMessage,
  StreamHead,
  StreamPage,
  StreamStart,
} from './rooms/stream.ts';
export type { Life, Lives, StreamTop } from './rooms/lives.ts';
export type {
  Broker,
  BrokerListener,
  Cursors,
  HeldRooms,
  Hold,
  Holds,
  Lease,
  Presence,
  PublishOptions,
  ReadLimit,
} from './rooms/broker.ts';
export type { Consumer, ConsumerBatch } from './rooms/consumer.ts';
export { MemoryBroker } from './rooms/brokers/memory/memory-broker.ts';
export type { MemoryBrokerOptions } from './rooms/brokers/memory/memory-broker.ts';
export { SqliteBroker } from './rooms/brokers/sqlite/sqlite-broker.ts';
export type { SqliteBrokerOptions } from './rooms/brokers/sqlite/sqlite-broker.ts';
export { Rooms } from './rooms/rooms.ts';
export { RoomSocket } from './rooms/transports/room-socket.ts';
export type { RoomSocketClass, UncheckedRoomSocket } from './rooms/transports/room-socket.ts';
export { CheckedRoomSocket } from './rooms/transports/websocket.ts';
export { RoomError } from './rooms/room-error.ts';
export type { RateLimits } from './rooms/rate-limits.ts';
export { roomsDefaults } from './rooms/rooms-options.ts';
export type { ResolvedRoomsOptions, RoomsOptions, TypedRoomsOptions } from './rooms/rooms-options.ts';
export type { HistoryRequest } from './rooms/history/history-request.ts';
export type { MessageData, MessageInput, MessageSchema } from './rooms/message-schema.ts';
export type { Subscription } from './rooms/subscription.ts';
export { CatchUpTurns } from './rooms/catch-up-turns.ts';
export type { Subscriber } from './rooms/subscription.ts';
export type { Missed } from './rooms/inbox.ts';
export type { PeoplePage, PresenceBatch, RoomPeople } from './rooms/presence/room-people.ts';
export { closeCodes, wireLimits } from './rooms/wire.ts';
export type { ReadFrame, SignalFrame, Unvalidated } from './rooms/wire.ts';
