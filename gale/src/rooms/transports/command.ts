/**
 * Parses a frame of a client and validates the fields of its command, without I/O. Every refusal is a {@link RoomError}
 * that names the field and the expected value. docs/wire.md is the protocol.
 */
import { showValue } from '../../run/given-options.ts';
import { isSignalChannel } from '../signal-envelope.ts';
import { RoomError } from '../room-error.ts';
import type { Position } from '../stream.ts';
import { wireLimits } from '../wire.ts';
import type { RoomCommands, Unvalidated } from '../wire.ts';

/** One command of a client. */
export interface Command {
  readonly type: string;
  /** Returned in the response. */
  readonly ref: number;
  /** All fields of the frame, not validated. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** An invalid frame. `ref` is null if it could not be read. */
export class BadFrame extends RoomError {
  override readonly name = 'BadFrame';
  readonly ref: number | null;

  constructor(code: string, message: string, ref: number | null = null) {
    super(code, message);
    this.ref = ref;
  }
}

const { roomLength, idLength, authorLength, epochLength, lifeLength, dataLevels, peoplePage, historyPage } = wireLimits;
const aCount = `an integer from 0 to ${Number.MAX_SAFE_INTEGER}`;
const idForm = new RegExp(`^[A-Za-z0-9_-]{1,${idLength}}$`);

/**
 * Parses a frame.
 *
 * @throws {@link BadFrame} `ROOM_BAD_FRAME` unless it is a JSON object with a string `type`, `ROOM_BAD_COMMAND` without a `ref`.
 */
export function parseCommand(message: string | Uint8Array): Command {
  if (typeof message !== 'string') throw new BadFrame('ROOM_BAD_FRAME', 'A frame must be text; got binary data.');
  const fields = parseObject(message);
  const ref = isCount(fields['ref']) ? fields['ref'] : null;
  const { type } = fields;
  if (typeof type !== 'string') {
    throw new BadFrame('ROOM_BAD_FRAME', `type must be a string, see docs/wire.md; got ${showValue(type)}.`, ref);
  }
  if (ref === null) {
    throw new BadFrame('ROOM_BAD_COMMAND', `ref must be ${aCount}; got ${showValue(fields['ref'])}.`);
  }
  return { type, ref, fields };
}

/**
 * Validates the fields of each command. Omitted fields get their defaults.
 *
 * @throws {@link RoomError} `ROOM_BAD_COMMAND`; `ROOM_UNKNOWN` for a name that no room can have.
 */
export const commandReaders: {
  readonly [Type in keyof RoomCommands]: (
    fields: Unvalidated<RoomCommands[Type]['fields']>,
  ) => Required<RoomCommands[Type]['fields']>;
} = {
  subscribe: ({ room, after }) => ({ room: readRoom(room), after: readVersioned(after) }),
  unsubscribe: ({ room }) => ({ room: readRoom(room) }),
  publish: ({ room, id, data, retry, after }) => ({
    room: readRoom(room),
    id: readMessageId(id),
    data: readData(data),
    retry: readRetry(retry),
    after: readPositionAt('after', after),
  }),
  amend: ({ room, author, id, data, version }) => ({
    room: readRoom(room),
    author: readAuthor(author),
    id: readMessageId(id),
    data: readData(data),
    version: readVersion('version', version),
  }),
  read: ({ room, epoch, offset, life }) => ({ room: readRoom(room), ...readPosition({ epoch, offset, life }) }),
  people: ({ room, after, limit }) => ({
    room: readRoom(room),
    after: readPersonId(after),
    limit: readLimit(limit, peoplePage),
  }),
  history: ({ room, before, limit }) => ({
    room: readRoom(room),
    before: readPositionAt('before', before),
    limit: readLimit(limit, historyPage),
  }),
  ping: () => ({}),
};

/** Whether a command is one of this protocol, not one of the application. */
export function isRoomCommand(type: string): type is keyof RoomCommands {
  return Object.hasOwn(commandReaders, type);
}

function readRoom(room: unknown): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (typeof room !== 'string' || room === '' || room.length > roomLength || /[\u0000-\u001f\u007f]/.test(room)) {
    throw bad('room', `a string of 1 to ${roomLength} characters without control characters`, room);
  }
  if (isSignalChannel(room)) throw new RoomError('ROOM_UNKNOWN', `Unknown room ${room}.`);
  return room;
}

function readMessageId(id: unknown): string {
  if (typeof id === 'string' && idForm.test(id)) return id;
  throw bad('id', `1 to ${idLength} characters of A-Z a-z 0-9 _ -`, id);
}

function readData(data: unknown): unknown {
  if (data === undefined) throw bad('data', 'any JSON value', undefined);
  if (isDeeper(data, dataLevels)) {
    throw new RoomError('ROOM_BAD_COMMAND', `data must have at most ${dataLevels} nested levels; got more.`);
  }
  return data;
}

function readRetry(retry: unknown = false): boolean {
  if (typeof retry === 'boolean') return retry;
  throw bad('retry', 'true, false or omitted', retry);
}

function readPositionAt(field: string, position: unknown): Position | undefined {
  if (position === undefined || position === null) return undefined;
  if (typeof position !== 'object') throw bad(field, 'an object with epoch and offset', position);
  return readPosition(position, `${field}.`);
}

/** A position with the version of the newest amendment that the client has. */
function readVersioned(after: unknown): Position | undefined {
  const position = readPositionAt('after', after);
  const version = position && readVersion('after.version', (after as Unvalidated<Position>).version);
  return version === undefined ? position : { ...(position as Position), version };
}

function readVersion(field: string, version: unknown): number | undefined {
  if (version === undefined || version === null) return undefined;
  if (isCount(version)) return version;
  throw bad(field, `${aCount}, or omitted`, version);
}

function readAuthor(author: unknown): string | undefined {
  if (author === undefined || author === null) return undefined;
  if (typeof author === 'string' && author !== '' && author.length <= authorLength) return author;
  throw bad('author', `a string of 1 to ${authorLength} characters, the id of the author; or omitted`, author);
}

/** `path` is the prefix of the fields in error messages. */
function readPosition({ epoch, offset, life }: Unvalidated<Position>, path = ''): Required<Omit<Position, 'version'>> {
  if (typeof epoch !== 'string' || epoch.length > epochLength) {
    throw bad(`${path}epoch`, `a string of at most ${epochLength} characters, as the server sent it`, epoch);
  }
  if (!isCount(offset)) throw bad(`${path}offset`, aCount, offset);
  return { epoch, offset, life: readLife(life, path) };
}

/** Clients of earlier versions send none. */
function readLife(life: unknown, path: string): string | undefined {
  if (life === undefined || life === null) return undefined;
  if (typeof life === 'string' && life.length <= lifeLength) return life;
  throw bad(`${path}life`, `a string of at most ${lifeLength} characters, as the server sent it`, life);
}

/** A page of people contains those with ids greater than this one. */
function readPersonId(after: unknown): string | undefined {
  if (after === undefined || after === null) return undefined;
  if (typeof after === 'string') return after;
  throw bad('after', 'a string, the field next of the previous page', after);
}

/** `most` is also the default. */
function readLimit(limit: unknown, most: number): number {
  if (limit === undefined) return most;
  if (isCount(limit) && limit >= 1 && limit <= most) return limit;
  throw bad('limit', `an integer from 1 to ${most}`, limit);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new BadFrame('ROOM_BAD_FRAME', `A frame must be JSON: ${(error as Error).message}.`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new BadFrame('ROOM_BAD_FRAME', `A frame must be a JSON object; got ${showValue(value)}.`);
}

function bad(field: string, expected: string, got: unknown): RoomError {
  return new RoomError('ROOM_BAD_COMMAND', `${field} must be ${expected}; got ${showValue(got)}.`);
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
