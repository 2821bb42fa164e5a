/**
 * The socket that applications extend. TypeScript demands `checkData` of it if `Data` is not `unknown`, since data of a client has
 * any type until it is checked. websocket.ts has the rest.
 */
import { WebSocketHandler } from '../../web/websocket-handler.ts';
import { CheckedRoomSocket } from './websocket.ts';

/** A {@link RoomSocket} of messages with any data: `checkData` accepts all of it. */
export abstract class UncheckedRoomSocket<User = unknown, Init = unknown> extends CheckedRoomSocket<
  User,
  unknown,
  Init
> {
  override checkData(_room: string, data: unknown): unknown {
    return data;
  }
}

/**
 * One connection to the rooms. It executes one command at a time, in the order they arrive.
 * When the rooms close, it closes with 1012.
 *
 * @typeParam User - The current user, as {@link RequestHandler.getCurrentUser} returns it.
 * @typeParam Data - Data of a message, as {@link CheckedRoomSocket.checkData} returns it. Without this override, a class whose `Data`
 * is not `unknown` does not compile.
 * @typeParam Init - What the route gives to the handler.
 *
 * @example
 * ```ts
 * class Socket extends RoomSocket {
 *   override get rooms(): Rooms {
 *     return rooms;
 *   }
 *   override person(): Person | undefined {
 *     const name = this.getSignedCookie('user');
 *     return name ? { id: name, name } : undefined;
 *   }
 * }
 * ```
 */
export const RoomSocket: RoomSocketClass = UncheckedRoomSocket as RoomSocketClass;

/** An instance of {@link RoomSocket}. */
export type RoomSocket<User = unknown, Data = unknown, Init = unknown> = CheckedRoomSocket<User, Data, Init>;

/** The type of {@link RoomSocket}, with the static members of every handler. */
export type RoomSocketClass = Omit<typeof WebSocketHandler, 'prototype'> & {
  readonly prototype: RoomSocket;
} & (abstract new <User = unknown, Data = unknown, Init = unknown>(
    ...values: ConstructorParameters<typeof WebSocketHandler>
  ) => unknown extends Data ? UncheckedRoomSocket<User, Init> : CheckedRoomSocket<User, Data, Init>);
