/**
 * Every command of the wire with fields that would work in the right room. The types demand a row for each command, and a test compares the
 * rows with the commands that the server knows: a new command needs a row here.
 */
import type { RoomCommands } from 'gale/client';
import { historyCommands } from '../../history/history-commands.ts';
import { mentionCommands } from '../../mentions/mention-commands.ts';
import type { MentionCommands } from '../../mentions/mention-wire.ts';
import { messageCommands } from '../../messages/changes/message-commands.ts';
import { roomCommands } from '../../rooms/room-commands.ts';
import type { ChatCommands } from '../../wire.ts';

/** The name of a command. */
export type Command = keyof RoomCommands | keyof ChatCommands | keyof MentionCommands;

/** Names of the commands of the chat itself, as the server knows them. */
export const chatCommands: readonly string[] = [
  ...Object.keys(roomCommands),
  ...Object.keys(messageCommands),
  ...Object.keys(historyCommands),
  ...Object.keys(mentionCommands),
];

/** Fields for each way to use the command: in a room, or a list if the command names no room, or one in which anybody may be named. */
type Row = readonly object[] | ((room: string, person: string) => readonly object[]);

/** Rows by command. `person` is the id of one who exists. */
export const wireCommands: Readonly<Record<Command, Row>> = {
  subscribe: (room) => [{ room }, { room, after: { epoch: 'e', offset: 0 } }],
  unsubscribe: [{ room: 'lobby' }],
  publish: (room) => [
    { room, id: 'x', data: { text: 'let me in' } },
    { room, id: 'x', data: { text: 'let me in', reply: 1 }, retry: true },
  ],
  amend: (room, author) => [
    { room, id: 'x', data: { text: 'x' } },
    { room, author, id: 'x', data: { text: 'x' } },
  ],
  read: (room) => [{ room, epoch: 'e', offset: 1 }],
  people: (room) => [{ room }],
  history: (room) => [{ room }],
  ping: [{}],
  'make-room': [{ name: 'Tea', kind: 'private', topic: 'green', people: [] }],
  'join-room': (room) => [{ room }],
  'leave-room': (room) => [{ room }],
  'open-direct': [{ people: [] }],
  'look-at-room': (room) => [{ room }],
  'change-room': (room) => [
    { room, name: 'Mine' },
    { room, topic: 'mine' },
  ],
  'archive-room': (room) => [
    { room, archived: true },
    { room, archived: false },
  ],
  'delete-room': (room) => [{ room }],
  members: (room) => [{ room }, { room, query: 'a' }],
  'add-people': (room, person) => [
    { room, people: [person] },
    { room, people: [] },
  ],
  'remove-person': (room, person) => [{ room, person }],
  'set-role': (room, person) => [{ room, person, role: 'owner' }],
  'mute-room': (room) => [
    { room, until: null },
    { room, until: 1 },
  ],
  directory: [{ query: 'a', after: '1 a' }],
  'edit-message': (room) => [{ room, seq: 1, text: 'x' }],
  'delete-message': (room) => [
    { room, seq: 1 },
    { room, seq: 1, recall: true },
  ],
  react: (room) => [
    { room, seq: 1, emoji: '👍', on: true },
    { room, seq: 1, emoji: '👍', on: false },
  ],
  'pin-message': (room) => [{ room, seq: 1, on: true }],
  'get-messages': (room) => [{ room, seqs: [1] }],
  'list-pins': (room) => [{ room }],
  'who-reacted': (room) => [{ room, seq: 1, emoji: '👍' }],
  'read-history': (room) => [{ room }, { room, before: 2 }, { room, after: 1 }, { room, around: 1 }],
  seen: (room) => [{ room, seq: 1 }],
  'mark-unread': (room) => [{ room, seq: 1 }],
  'set-read': (room) => [{ positions: [{ room, seq: 1 }] }],
  'find-people': (room) => [
    { room, text: '' },
    { room, text: 'a' },
    { text: '', outside: room },
    { text: 'a', outside: room },
  ],
  'describe-people': [{ ids: ['nobody'] }],
  'list-mentions': [{ after: { time: 1, room: 'lobby', seq: 1 } }],
};

/** Every use of every command in a room. */
export function usesInRoom(room: string, person: string): (readonly [type: Command, fields: object])[] {
  return Object.entries(wireCommands).flatMap(([type, row]) =>
    typeof row === 'function' ? row(room, person).map((fields) => [type as Command, fields] as const) : [],
  );
}

/** Every use of every command, those in a room for one room. */
export function allUses(room: string, person: string): (readonly [type: Command, fields: object])[] {
  return Object.entries(wireCommands).flatMap(([type, row]) =>
    (typeof row === 'function' ? row(room, person) : row).map((fields) => [type as Command, fields] as const),
  );
}
