/**
 * The messages that the page itself contains. Without them the first message would wait for the script, the connection, the welcome and the
 * subscription, one after the other.
 */
import type { Position } from 'gale/rooms';
import { describeMe, type SignedIn } from '../accounts/signed-in.ts';
import type { Chat } from '../chat.ts';
import { readPage } from '../history/history-pages.ts';
import { segmentAt } from '../history/segments.ts';
import { describePeople } from '../mentions/find-people.ts';
import { maxDescribed } from '../mentions/mention-wire.ts';
import { mentionsAll, type HistoryMessage, type Opening } from '../wire.ts';

/** As many as the stream of a room keeps. */
const newestCount = 100;
/** How long the page waits for the table, in milliseconds. */
const copyMs = 250;
/** Most bytes of the messages in a page. */
const maxBytes = 32_768;

/**
 * Reads what the page shows first of a room.
 *
 * @returns Undefined if the person is not in the room, or if the subscription has to begin with its oldest message: there is none yet, or the
 * stream has lost some.
 * @throws {@link GaleError} `ROOM_UNAVAILABLE`.
 */
export async function readOpening(chat: Chat, user: SignedIn, roomId: string): Promise<Opening | undefined> {
  const { directory, rooms, database, history } = chat;
  if (!(await directory.isMember(roomId, user.person.id))) return undefined;
  // All changes after this position come with the subscription, so it is read before the messages.
  const newest = await rooms.position(roomId);
  const described = await directory.describe(roomId, user.person.id);
  const segment = segmentAt(described.segments, newest.offset);
  if (!segment || newest.offset === 0 || described.epoch !== newest.epoch) return undefined;
  // Missed messages that the table does not have yet would come as if they were written now.
  await history.waitFor(roomId, newest.offset + segment.delta, copyMs);
  const page = await readPage(database, roomId, {}, newestCount);
  // The table may be behind the stream all the same, or ahead of the position.
  const topSeq = Math.min(page.top, newest.offset + segment.delta);
  const offset = topSeq - segment.delta;
  if (offset < segment.firstOffset) return undefined;
  const at: Position = offset === newest.offset ? newest : { ...newest, offset, life: undefined };
  const room = { ...described, top: offset, topSeq, readSeq: Math.min(described.readSeq, topSeq) };
  const inSegment = page.messages.filter(({ seq }) => seq <= topSeq && seq >= segment.firstOffset + segment.delta);
  const messages = newestWithin(inSegment).map((message) => ({ ...message, offset: message.seq - segment.delta }));
  const unread = room.readSeq + 1;
  const isAbove = unread <= topSeq && unread < (messages[0]?.seq ?? 0);
  const part = isAbove ? await readPage(database, roomId, { around: unread }) : undefined;
  if (messages.length === 0 || (part && newestWithin(part.messages).length < part.messages.length)) return undefined;
  const people = await describePeople(database.tables, user.person.id, idsIn([...messages, ...(part?.messages ?? [])]));
  const opening = { me: describeMe(user), room, at, messages, first: page.first, people };
  return part ? { ...opening, part: { messages: part.messages, first: part.first } } : opening;
}

/** The people whom messages show, the newest first, as many as the page may ask for at once. */
function idsIn(messages: readonly HistoryMessage[]): string[] {
  const ids = messages.toReversed().flatMap(({ author, data }) => [author.id, ...(data.mentions ?? [])]);
  return [...new Set(ids)].filter((id) => id !== mentionsAll).slice(0, maxDescribed);
}

/** The newest of the messages that have at most {@link maxBytes}. */
function newestWithin(messages: readonly HistoryMessage[]): readonly HistoryMessage[] {
  let bytes = 0;
  const first = messages.findLastIndex((message) => (bytes += Buffer.byteLength(JSON.stringify(message))) > maxBytes);
  return messages.slice(first + 1);
}
