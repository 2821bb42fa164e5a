/** The commands of mentions. Each reads its own fields, which the client may have sent wrong. */
import { RoomError, type Person } from 'gale';
import type { Unvalidated } from 'gale/rooms';
import type { ChatDatabase } from '../database/database.ts';
import { readText } from '../messages/commands.ts';
import { countMembers, describePeople, findPeople } from './find-people.ts';
import { listMentions } from './mention-list.ts';
import { maxDescribed, type MentionCommands, type MentionPlace } from './mention-wire.ts';

/** What the commands use. */
export interface MentionParts {
  readonly database: ChatDatabase;
  /** Throws a {@link RoomError} if the person is not in the room. */
  readonly assertMember: (roomId: string, personId: string) => Promise<void>;
}

/** Executes each command. @throws {@link RoomError} if it is refused. */
export const mentionCommands: {
  readonly [Type in keyof MentionCommands]: (
    parts: MentionParts,
    person: Person,
    fields: Unvalidated<MentionCommands[Type]['fields']>,
  ) => Promise<MentionCommands[Type]['reply']>;
} = {
  'find-people': async ({ database, assertMember }, { id }, fields) => {
    const text = readText(fields.text, 'text');
    const room = fields.room === undefined ? undefined : readText(fields.room, 'room');
    const outside = fields.outside === undefined ? undefined : readText(fields.outside, 'outside');
    for (const checked of new Set([room, outside])) if (checked !== undefined) await assertMember(checked, id);
    const people = await findPeople(database.tables, { personId: id, text, room, outside });
    if (room === undefined || text !== '') return { people };
    return { people, count: await countMembers(database.tables, room) };
  },
  'describe-people': async ({ database }, { id }, { ids }) => ({
    people: await describePeople(database.tables, id, readIds(ids)),
  }),
  'list-mentions': async ({ database }, { id }, { after }) =>
    listMentions(database.tables, id, after === undefined ? undefined : readPlace(after)),
};

/** Whether a command is one of mentions. */
export function isMentionCommand(type: string): type is keyof MentionCommands {
  return Object.hasOwn(mentionCommands, type);
}

function readIds(ids: unknown): string[] {
  if (!Array.isArray(ids) || ids.length > maxDescribed)
    throw new RoomError('ROOM_BAD_COMMAND', `ids must be a list of at most ${maxDescribed} strings.`);
  return ids.map((id: unknown) => readText(id, 'ids[]'));
}

function readPlace(after: unknown): MentionPlace {
  const { time, room, seq }: Unvalidated<MentionPlace> = typeof after === 'object' && after !== null ? after : {};
  return {
    time: readInteger(time, 'after.time'),
    room: readText(room, 'after.room'),
    seq: readInteger(seq, 'after.seq'),
  };
}

function readInteger(value: unknown, field: string): number {
  if (Number.isSafeInteger(value)) return value as number;
  throw new RoomError('ROOM_BAD_COMMAND', `${field} must be a safe integer.`);
}
