/** The commands about rooms. Each reads its own fields, which the client may have sent wrong. */
import { RoomError, type Person } from 'gale';
import type { Unvalidated } from 'gale/rooms';
import { readText } from '../messages/commands.ts';
import type { Directory } from './directory.ts';
import type { RoomActions } from './room-actions.ts';
import { maxAddedAtOnce, maxDirectPeople } from './room-bounds.ts';
import type { RoomCommands } from './wire-rooms.ts';

/** Who sends a command, and what it uses. */
export interface RoomCommandParts {
  readonly directory: Directory;
  readonly actions: RoomActions;
  readonly person: Person;
  /** Address of the visitor, for the limit of new rooms per address. */
  readonly address: string;
}

/** Executes each command. @throws {@link RoomError} or {@link ChatError} if it is refused. */
export const roomCommands: {
  readonly [Type in keyof RoomCommands]: (
    parts: RoomCommandParts,
    fields: Unvalidated<RoomCommands[Type]['fields']>,
  ) => Promise<RoomCommands[Type]['reply']>;
} = {
  'make-room': async ({ directory, person, address }, { name, kind = 'public', topic = '', people = [] }) => {
    const room = {
      name: readText(name, 'name'),
      kind: readOneOf(kind, 'kind', ['public', 'private'] as const),
      topic: readText(topic, 'topic'),
    };
    return { room: await directory.make(person, room, address, readIds(people, maxAddedAtOnce)) };
  },
  'join-room': async ({ directory, person }, { room }) => ({
    room: await directory.join(person, readText(room, 'room')),
  }),
  'leave-room': async ({ directory, person }, { room }) => {
    await directory.leave(person, readText(room, 'room'));
    return {};
  },
  'open-direct': async ({ actions, person }, { people }) => ({
    // The store refuses too many people with its own error.
    room: await actions.openDirect(person, readIds(people, 2 * maxDirectPeople)),
  }),
  'look-at-room': async ({ actions, person }, { room }) => actions.lookAt(person, readText(room, 'room')),
  'change-room': async ({ actions, person }, { room, name, topic }) => {
    await actions.change(person, readText(room, 'room'), {
      ...(name === undefined ? {} : { name: readText(name, 'name') }),
      ...(topic === undefined ? {} : { topic: readText(topic, 'topic') }),
    });
    return {};
  },
  'archive-room': async ({ actions, person }, { room, archived }) => {
    if (typeof archived !== 'boolean') throw new RoomError('ROOM_BAD_COMMAND', 'archived must be true or false.');
    await actions.archive(person, readText(room, 'room'), archived);
    return {};
  },
  'delete-room': async ({ actions, person }, { room }) => {
    await actions.delete(person, readText(room, 'room'));
    return {};
  },
  members: async ({ actions, person }, { room, query = '', after = '' }) =>
    withoutUndefined(
      await actions.members(person, readText(room, 'room'), readText(query, 'query'), readText(after, 'after')),
    ),
  'add-people': async ({ actions, person }, { room, people }) => ({
    added: await actions.addPeople(person, readText(room, 'room'), readIds(people, maxAddedAtOnce)),
  }),
  'remove-person': async ({ actions, person }, { room, person: removed }) => {
    await actions.removePerson(person, readText(room, 'room'), readText(removed, 'person'));
    return {};
  },
  'set-role': async ({ actions, person }, { room, person: member, role }) => {
    const known = readOneOf(role, 'role', ['owner', 'member'] as const);
    await actions.setRole(person, readText(room, 'room'), readText(member, 'person'), known);
    return {};
  },
  'mute-room': async ({ actions, person }, { room, until }) => {
    if (until !== null && !(Number.isSafeInteger(until) && (until as number) >= 0)) {
      throw new RoomError(
        'ROOM_BAD_COMMAND',
        'until must be null or an integer from 0; it is in milliseconds since 1970.',
      );
    }
    await actions.mute(person, readText(room, 'room'), until as number | null);
    return {};
  },
  directory: async ({ actions, person }, { query = '', after = '' }) =>
    withoutUndefined(await actions.directory(person, readText(query, 'query'), readText(after, 'after'))),
};

/** Whether a command is one about rooms. */
export function isRoomCommand(type: string): type is keyof RoomCommands {
  return Object.hasOwn(roomCommands, type);
}

function readOneOf<Text extends string>(value: unknown, field: string, texts: readonly Text[]): Text {
  const found = texts.find((text) => text === value);
  if (found !== undefined) return found;
  throw new RoomError('ROOM_BAD_COMMAND', `${field} must be one of ${texts.join(', ')}.`);
}

function readIds(value: unknown, most: number): string[] {
  if (Array.isArray(value) && value.length <= most && value.every((id) => typeof id === 'string' && id.length <= 100)) {
    return value as string[];
  }
  throw new RoomError('ROOM_BAD_COMMAND', `people must be a list of at most ${most} ids.`);
}

/** A page without `next` is the last one. */
function withoutUndefined<Page extends { readonly next: string | undefined }>(
  page: Page,
): Omit<Page, 'next'> & { readonly next?: string } {
  const { next, ...others } = page;
  return next === undefined ? others : { ...others, next };
}
