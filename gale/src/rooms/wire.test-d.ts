/** Frames and commands narrow by `type`, and misspelt fields do not compile; checked by `tsc --noEmit`. */
import { commandReaders, isRoomCommand } from './transports/command.ts';
import { isRoomEvent, isWelcome } from './wire.ts';
import type { CommandReply, RoomCommands, ServerFrame, Unvalidated } from './wire.ts';

export function describeFrame(frame: ServerFrame): string {
  if (isWelcome(frame)) {
    // @ts-expect-error -- misspelt
    void frame.persn;
    return frame.person.name;
  }
  // @ts-expect-error -- not known before the frame is narrowed
  void frame.room;
  if (!isRoomEvent<string>(frame)) return frame.type;
  switch (frame.type) {
    case 'message':
      return frame.data.toUpperCase();
    case 'amend':
      return frame.data.toLowerCase();
    case 'dropped':
      // @ts-expect-error -- misspelt
      void frame.ofset;
      // @ts-expect-error -- misspelt
      void frame['cuont'];
      // @ts-expect-error -- not a field of this event
      void frame.people;
      return frame.count.toFixed();
    case 'reset':
      return frame.first.toFixed();
    case 'stale':
    case 'people':
    case 'presence':
      return frame.count.toFixed();
    case 'read':
      return frame.offset.toFixed();
    case 'signal':
      return frame.room;
    // @ts-expect-error -- no event has this type
    case 'peple':
    default:
      return frame satisfies never;
  }
}

/** The reader of each command takes the fields that the wire names, of any type, and returns all of them. */
export function readCommand(type: string, fields: Readonly<Record<string, unknown>>): string {
  if (!isRoomCommand(type)) return type;
  switch (type) {
    case 'subscribe':
    case 'unsubscribe':
    case 'people':
    case 'history':
    case 'read':
      return commandReaders[type](fields).room;
    case 'publish': {
      const { id, retry }: { readonly id: string; readonly retry: boolean } = commandReaders.publish(fields);
      return retry ? id : '';
    }
    case 'amend':
      return commandReaders.amend(fields).author ?? '';
    case 'ping':
      return '';
    // @ts-expect-error -- no command has this type
    case 'peple':
    default:
      return type satisfies never;
  }
}

export function readFields(fields: Unvalidated<RoomCommands['publish']['fields']>): unknown {
  // @ts-expect-error -- not validated yet
  fields.room satisfies string | undefined;
  // @ts-expect-error -- misspelt
  void fields.romo;
  return fields.room;
}

/** With a command that the wire does not have. */
interface MoreCommands extends RoomCommands {
  readonly mute: { readonly fields: { readonly room: string }; readonly reply: object };
}

// @ts-expect-error -- a new command needs a reader
export const moreReaders: Readonly<Record<keyof MoreCommands, unknown>> = commandReaders;

export function readReply(reply: CommandReply<'people'>): readonly string[] {
  // @ts-expect-error -- misspelt
  void reply.peple;
  return reply.people.map(({ name }) => name);
}
