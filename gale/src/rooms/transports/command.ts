/**
 * Parses a frame of a client and validates the fields of its command, without I/O. Every refusal is a {@link RoomError}
 * that names the field and the expected value. docs/wire.md is the protocol.
 */
import { showValue } from '../../run/given-options.ts';
import { isSignalChannel } from '../signal-envelope.ts';
import { RoomError } from '../room-error.ts';
import type { Position } from '../stream.ts';
import { wireLimits } from '../wire.ts';

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

const { roomLength, idLength, epochLength, dataLevels, peoplePage } = wireLimits;
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

/** Reads `room`. @throws {@link RoomError} `ROOM_BAD_COMMAND`, or `ROOM_UNKNOWN` for a name that no room can have. */
export function readRoom(fields: Command['fields']): string {
  const { room } = fields;
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  if (typeof room !== 'string' || room === '' || room.length > roomLength || /[\u0000-\u001f\u007f]/.test(room)) {
    throw bad('room', `a string of 1 to ${roomLength} characters without control characters`, room);
  }
  if (isSignalChannel(room)) throw new RoomError('ROOM_UNKNOWN', `Unknown room ${room}.`);
  return room;
}

/** Reads `id`, which the sender chose for a message. */
export function readMessageId(fields: Command['fields']): string {
  const { id } = fields;
  if (typeof id === 'string' && idForm.test(id)) return id;
  throw bad('id', `1 to ${idLength} characters of A-Z a-z 0-9 _ -`, id);
}

/** Reads `data`: any JSON value with limited nesting. */
export function readData(fields: Command['fields']): unknown {
  if (!('data' in fields)) throw bad('data', 'any JSON value', undefined);
  if (isDeeper(fields['data'], dataLevels)) {
    throw new RoomError('ROOM_BAD_COMMAND', `data must have at most ${dataLevels} nested levels; got more.`);
  }
  return fields['data'];
}

/** Reads `retry`: whether an earlier attempt may have stored the message. */
export function readRetry(fields: Command['fields']): boolean {
  const { retry = false } = fields;
  if (typeof retry === 'boolean') return retry;
  throw bad('retry', 'true, false or omitted', retry);
}

/** Reads `after`, the position where a subscription begins; undefined if it is omitted. */
export function readAfter(fields: Command['fields']): Position | undefined {
  const { after } = fields;
  if (after === undefined || after === null) return undefined;
  if (typeof after !== 'object') throw bad('after', 'an object with epoch and offset', after);
  return readPosition(after as Command['fields'], 'after.');
}

/** Reads the page of people that is requested: `limit` people with ids greater than `after`. */
export function readPeoplePage(fields: Command['fields']): {
  readonly after: string | undefined;
  readonly limit: number;
} {
  const { after, limit = peoplePage } = fields;
  if (after !== undefined && after !== null && typeof after !== 'string') {
    throw bad('after', 'a string, the field next of the previous page', after);
  }
  if (!isCount(limit) || limit < 1 || limit > peoplePage)
    throw bad('limit', `an integer from 1 to ${peoplePage}`, limit);
  return { after: after ?? undefined, limit };
}

/** Reads the fields `epoch` and `offset`. `path` is their prefix in error messages. */
export function readPosition(fields: Command['fields'], path = ''): Position {
  const { epoch, offset } = fields;
  if (typeof epoch !== 'string' || epoch.length > epochLength) {
    throw bad(`${path}epoch`, `a string of at most ${epochLength} characters, as the server sent it`, epoch);
  }
  if (!isCount(offset)) throw bad(`${path}offset`, aCount, offset);
  return { epoch, offset };
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
