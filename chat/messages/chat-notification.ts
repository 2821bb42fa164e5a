/**
 * What servers of a chat send to each other through the broker, for the windows of one person or of everyone.
 */
import type { PersonChangedFrame } from '../mentions/mention-wire.ts';
import type { OwnRoomFrame, RoomFrame, RoomGoneFrame } from '../rooms/wire-rooms.ts';
import type { ChoicesFrame, SeenFrame } from '../wire.ts';

export type ChatNotification =
  /**
   * `until` is the time in milliseconds since 1970 at which a session expires that the store could not delete. `reason` is sent to
   * its windows.
   */
  | { readonly type: 'session-ended'; readonly session: string; readonly until?: number; readonly reason?: string }
  /** An administrator deactivated the account of the person. */
  | { readonly type: 'deactivated' }
  | RoomFrame
  | RoomGoneFrame
  /** Somebody deleted a room. Everyone gets it; only windows that have the room may know. */
  | { readonly type: 'room-deleted'; readonly room: string }
  | SeenFrame
  /** With the new name, which the sockets of the person need. */
  | (PersonChangedFrame & { readonly name?: string })
  | ChoicesFrame
  | OwnRoomFrame;
