/**
 * Finds the amendments of a room after a version, by reading its kept messages. There are few of them, and often none, so
 * brokers need no index.
 */
import { roughBytesOf } from '../recent-messages.ts';
import type { RoomMessage, StreamPage } from '../stream.ts';

/** Amended messages in their state at one time. */
export interface AmendedMessages {
  /** Ascending by version. A message that was amended several times is there once. */
  readonly messages: readonly RoomMessage[];
  /** All later amendments of the read messages up to this version are in `messages`. */
  readonly version: number;
  /** Offset of the oldest message that was read. Those before it are no longer kept. */
  readonly first: number;
}

/** What to look for. */
export interface AmendmentsRequest {
  readonly epoch: string;
  /** Only amendments with a greater version. */
  readonly after: number;
  /** Offset of the last message to look at; Infinity for all. */
  readonly upTo: number;
}

/** Most messages and bytes, approximately, that are held at once. If there are more, `version` is that of the last one. */
const maxMessages = 1000;
const maxBytes = 256 * 1024;

/**
 * Reads the pages of a room until `upTo`.
 *
 * @param read - Reads the messages after an offset, oldest first.
 * @returns Undefined if the epoch changed.
 */
export async function readAmendments(
  read: (after: number) => Promise<StreamPage>,
  { epoch, after, upTo }: AmendmentsRequest,
): Promise<AmendedMessages | undefined> {
  let messages: RoomMessage[] = [];
  // A message of an earlier page may be amended while a later page is read.
  let version = Infinity;
  let last: number | undefined = 0;
  let first = 0;
  let end: number;
  do {
    const page: StreamPage = await read(last);
    if (page.epoch !== epoch) return undefined;
    version = Math.min(version, page.version ?? 0);
    if (page.first > last + 1) first = page.first;
    for (const message of page.messages) {
      if (message.offset <= upTo && versionOf(message) > after) messages.push(message);
    }
    messages = messages.toSorted((a, b) => versionOf(a) - versionOf(b));
    const kept = countThatFit(messages);
    if (kept < messages.length) version = Math.min(version, versionOf(messages[kept - 1]));
    messages.length = kept;
    last = page.messages.at(-1)?.offset;
    end = Math.min(upTo, page.top);
  } while (last !== undefined && last < end);
  return { messages: messages.filter((message) => versionOf(message) <= version), version, first: Math.max(1, first) };
}

function countThatFit(messages: readonly RoomMessage[]): number {
  let bytes = 0;
  for (const [index, { data }] of messages.entries()) {
    bytes += roughBytesOf(data);
    if (index > 0 && (bytes > maxBytes || index >= maxMessages)) return index;
  }
  return messages.length;
}

function versionOf(message: RoomMessage | undefined): number {
  return message?.version ?? 0;
}
