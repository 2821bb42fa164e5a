/** The package `gale/client`: the client of rooms, for browsers and for Node. No logic. */
export { RoomsClient } from './rooms/client/rooms-client.ts';
export type { RoomsClientEvents } from './rooms/client/rooms-client.ts';
export type { RoomsClientOptions } from './rooms/client/client-options.ts';
export type { ClientState } from './rooms/client/connection.ts';
export type { OutboxEntry, PublishedAt } from './rooms/client/outbox.ts';
export type { PeoplePage, PresenceBatch, RoomPeople } from './rooms/presence/room-people.ts';
export type { MessageData, MessageInput } from './rooms/message-schema.ts';
export { RoomError } from './rooms/room-error.ts';
export type { Person, Position, RoomMessage, StreamStart } from './rooms/stream.ts';
export { closeCodes, wireLimits } from './rooms/wire.ts';
export type {
  AmendReply,
  CommandFields,
  CommandReply,
  HistoryReply,
  PublishReply,
  RoomCommands,
  ServerFrame,
  SubscribeReply,
  WelcomeFrame,
} from './rooms/wire.ts';
