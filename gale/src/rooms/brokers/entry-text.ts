/**
 * An entry as text, the way brokers keep it: one JSON object without offset and time, which the broker knows.
 * Going through text also keeps a stored message apart from the objects of whoever published it.
 */
import type { Entry, Person, RoomMessage } from '../stream.ts';

/**
 * Writes an entry as JSON. Of the author nothing but id and name is kept, whatever else the object holds.
 *
 * @throws TypeError if `data` cannot be JSON.
 */
export function toEntryText({ id, author, data }: Entry): string {
  return JSON.stringify({ id, author: toPerson(author), data });
}

/** What {@link toEntryText} begins with for every entry of the same author and id, and for no other. */
export function toEntryBeginning({ id, author }: Entry): string {
  return `${JSON.stringify({ id, author: { id: author.id } }).slice(0, -2)},`;
}

/** Reads what {@link toEntryText} wrote. */
export function toMessage(offset: number, time: number, text: string): RoomMessage {
  const { id, author, data } = JSON.parse(text) as Entry;
  return { offset, id, author, time, data };
}

/** A person as others may see them: id and name, nothing else. */
export function toPerson({ id, name }: Person): Person {
  return { id, name };
}

/** Writes a signal as JSON; undefined becomes null. */
export function toSignalText(data: unknown): string {
  return JSON.stringify(data ?? null);
}
