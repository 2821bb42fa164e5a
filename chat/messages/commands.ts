/**
 * The commands that the chat adds to those of the rooms. Each reads its own fields, which the client may have sent wrong.
 */
import { RoomError, type Person } from 'gale';
import type { Unvalidated } from 'gale/rooms';
import type { Directory } from '../rooms/directory.ts';
import type { HistoryCommand } from '../history/history-commands.ts';
import type { ChatCommands } from '../wire.ts';
import type { MessageCommand } from './changes/message-commands.ts';

/** Who sends a command. */
export interface Sender {
  readonly person: Person;
  readonly address: string;
}

/** The names of the commands about rooms. */
export type RoomCommand = Exclude<keyof ChatCommands, MessageCommand | HistoryCommand>;

/** Executes each command. @throws {@link RoomError} or {@link ChatError} if it is refused. */
export const chatCommands: {
  readonly [Type in RoomCommand]: (
    directory: Directory,
    sender: Sender,
    fields: Unvalidated<ChatCommands[Type]['fields']>,
  ) => Promise<ChatCommands[Type]['reply']>;
} = {
  'make-room': async (directory, { person, address }, { name }) => ({
    room: await directory.make(person, readText(name, 'name'), address),
  }),
  'join-room': async (directory, { person }, { room }) => ({
    room: await directory.join(person, readText(room, 'room')),
  }),
  'leave-room': async (directory, { person }, { room }) => {
    await directory.leave(person, readText(room, 'room'));
    return {};
  },
};

/** Whether a command is one of the chat. */
export function isChatCommand(type: string): type is RoomCommand {
  return Object.hasOwn(chatCommands, type);
}

/** Checks that the value of a field is a string. @throws {@link RoomError} `ROOM_BAD_COMMAND`. */
export function readText(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  throw new RoomError('ROOM_BAD_COMMAND', `${field} must be a string; got ${value === null ? 'null' : typeof value}.`);
}
