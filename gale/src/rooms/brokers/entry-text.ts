/**
 * Entries as text, as brokers store them: one JSON object without offset and time, which the broker adds.
 * The text also separates a stored message from the objects of its publisher.
 */
import { assertJsonValue, toJsonText, type JsonRule } from '../../run/json-text.ts';
import type { Entry, Person, RoomMessage } from '../stream.ts';

/**
 * Writes an entry as JSON. Keeps only the id and name of the author.
 *
 * @throws {@link GaleError} `JSON_VALUE` if JSON would lose `data`, such as a promise or a Map.
 */
export function toEntryText({ id, author, data }: Entry): string {
  if (data !== undefined) assertJsonValue(data, dataRule);
  return toJsonText({ id, author: toPerson(author), data }, dataRule);
}

/** The first part of {@link toEntryText}: the same for all entries of an author and id, and only for those. */
export function toEntryBeginning({ id, author }: { readonly id: string; readonly author: Pick<Person, 'id'> }): string {
  return `${JSON.stringify({ id, author: { id: author.id } }).slice(0, -2)},`;
}

/** Writes the new data of an amendment. Undefined becomes null. @throws {@link GaleError} `JSON_VALUE`, as {@link toEntryText}. */
export function toDataText(data: unknown): string {
  return toJsonText(data ?? null, dataRule);
}

/** Replaces the data in the text of {@link toEntryText}. A quotation mark inside of a string is escaped, so this mark is found once. */
export function amendText(text: string, dataText: string): string {
  const at = text.indexOf('},"data":');
  return `${at < 0 ? text.slice(0, -1) : text.slice(0, at + 1)},"data":${dataText}}`;
}

/** The newest amendment of a stored message. */
export interface Change {
  readonly version: number;
  readonly amended: number;
}

/** Parses the text of {@link toEntryText}. @param change - A version of 0 means that it was never amended. */
export function toMessage(offset: number, time: number, text: string, life: string, change?: Change): RoomMessage {
  const { id, author, data } = JSON.parse(text) as Entry;
  const message = { offset, id, author, time, data, life };
  return change && change.version > 0 ? { ...message, version: change.version, amended: change.amended } : message;
}

/** Parses the text of {@link toEntryText} with a first field `life`. Earlier versions send it without the field, and ignore it. */
export function toLiveMessage(offset: number, time: number, text: string, change?: Change): RoomMessage {
  const { life = '', id, author, data } = JSON.parse(text) as Entry & { readonly life?: string };
  const message = { offset, id, author, time, data, life };
  return change ? { ...message, version: change.version, amended: change.amended } : message;
}

/** The public part of a person: id and name. */
export function toPerson({ id, name }: Person): Person {
  return { id, name };
}

/** Writes a signal as JSON. Undefined becomes null. @throws {@link GaleError} `JSON_VALUE`, as {@link toEntryText}. */
export function toSignalText(data: unknown): string {
  return toJsonText(data ?? null, signalRule);
}

/** Checks the data of a signal before it becomes part of an envelope. @throws {@link GaleError} `JSON_VALUE`. */
export function assertSignalData(data: unknown): void {
  if (data !== undefined) assertJsonValue(data, signalRule);
}

const dataRule: JsonRule = { must: 'data of a message must be a value that JSON can represent', code: 'JSON_VALUE' };
const signalRule: JsonRule = { must: 'data of a signal must be a value that JSON can represent', code: 'JSON_VALUE' };
