/**
 * Entries as text, as brokers store them: one JSON object without offset and time, which the broker adds.
 * The text also separates a stored message from the objects of its publisher.
 */
import type { Entry, Person, RoomMessage } from '../stream.ts';

/**
 * Writes an entry as JSON. Keeps only the id and name of the author.
 *
 * @throws TypeError if `data` cannot be converted to JSON.
 */
export function toEntryText({ id, author, data }: Entry): string {
  return JSON.stringify({ id, author: toPerson(author), data });
}

/** The first part of {@link toEntryText}: the same for all entries of an author and id, and only for those. */
export function toEntryBeginning({ id, author }: Entry): string {
  return `${JSON.stringify({ id, author: { id: author.id } }).slice(0, -2)},`;
}

/** Parses the text of {@link toEntryText}. */
export function toMessage(offset: number, time: number, text: string): RoomMessage {
  const { id, author, data } = JSON.parse(text) as Entry;
  return { offset, id, author, time, data };
}

/** The public part of a person: id and name. */
export function toPerson({ id, name }: Person): Person {
  return { id, name };
}

/** Writes a signal as JSON. Undefined becomes null. */
export function toSignalText(data: unknown): string {
  return JSON.stringify(data ?? null);
}
