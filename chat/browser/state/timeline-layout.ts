/**
 * The layout of a room from top to bottom: groups of messages, with lines for days, for messages that are no longer kept,
 * for the start of unread messages, and for notices.
 */
import type { Person } from 'gale/client';
import { expiredBy, type MessageData } from '../../wire.ts';
import { dayKey } from '../time/day.ts';
import { quotedIn, type FindQuoted, type Quoted } from './quotes.ts';
import { isForOutsiders } from './refusal.ts';
import type { Notice, RoomState } from './room-state.ts';
import { hasOlder, shownMessages } from './timeline-window.ts';

/** The status of a message. `sent` is a stored message of this person, `received` one of another person. */
export type MessageStatus = 'received' | 'sent' | 'pending' | 'failed';

/** A message as it is shown. */
export interface ShownMessage {
  readonly kind: 'message';
  /** The same before and after the message is stored. */
  readonly key: string;
  readonly id: string;
  readonly author: Person;
  readonly time: number;
  /** Its number in the room; undefined until the server has given it one. */
  readonly seq: number | undefined;
  readonly data: MessageData;
  /** The message to which it replies. */
  readonly quoted: Quoted | undefined;
  readonly status: MessageStatus;
  /** Why it failed; undefined if the reason no longer holds. */
  readonly code: string | undefined;
  readonly isOwn: boolean;
  /** Whether it begins and ends a group: messages of one author, each within five minutes of the last. */
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Whether it arrived while the room was open. */
  readonly isNew: boolean;
  /** Whether it names the reason of its failure: of failed messages in a row with one reason, only the last does. */
  readonly saysWhy: boolean;
}

/** One line of the room. */
export type TimelineItem =
  | ShownMessage
  /** The first message of the room, or the oldest that is kept. */
  | { readonly kind: 'start'; readonly key: string; readonly isFirst: boolean }
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  | { readonly kind: 'unread'; readonly key: string }
  | {
      readonly kind: 'notice';
      readonly key: string;
      readonly change: Notice['change'];
      readonly people: readonly Person[];
      /** Number of further people. */
      readonly more: number;
    };

/** Messages of one author within this time of each other form a group. */
const groupMs = 5 * 60_000;

/**
 * Lays out a room.
 *
 * @param timeZone - Time zone of the days.
 */
export function layOutTimeline(room: RoomState, me: Person, timeZone: string): TimelineItem[] {
  const layout = new Layout(room, me, timeZone);
  const notices = room.isDetached ? [] : [...room.notices];
  const messages = shownMessages(room);
  if (messages.length > 0 && room.firstSeq !== undefined && !hasOlder(room)) layout.start(room.firstSeq <= 1);
  for (const message of messages) {
    if (message.data.deleted?.by === expiredBy) continue;
    while (notices[0] && notices[0].after < message.offset) layout.notice(notices.shift()!);
    layout.unreadLine(message.seq, message.author.id);
    const edit = message.seq === undefined ? undefined : room.edits.get(message.seq);
    const status = edit !== undefined ? 'pending' : message.author.id === me.id ? 'sent' : 'received';
    const data = edit === undefined ? message.data : { ...message.data, text: edit };
    layout.message({
      ...message,
      data,
      status,
      code: undefined,
      isNew: message.offset > (room.view?.openedAt ?? Infinity),
    });
  }
  for (const notice of notices) layout.notice(notice);
  // They come after the newest message.
  if (room.isDetached) return layout.items;
  for (const { id, data, time, status, code } of room.outgoing) {
    layout.message({
      id,
      seq: undefined,
      data,
      time,
      author: me,
      status: status === 'stored' ? 'sent' : status,
      code: room.isMember && isForOutsiders(code) ? undefined : code,
      isNew: true,
    });
  }
  return layout.items;
}

class Layout {
  readonly items: TimelineItem[] = [];
  readonly #room: RoomState;
  readonly #me: Person;
  readonly #timeZone: string;
  readonly #findQuoted: FindQuoted;
  #day = '';
  /** Number of the first message after the unread line. */
  #firstSeq: number | undefined;
  #hasUnreadLine = false;

  constructor(room: RoomState, me: Person, timeZone: string) {
    this.#room = room;
    this.#me = me;
    this.#timeZone = timeZone;
    this.#findQuoted = quotedIn(room, me.id);
  }

  message(message: Omit<ShownMessage, 'kind' | 'key' | 'quoted' | 'isOwn' | 'isFirst' | 'isLast' | 'saysWhy'>): void {
    this.#dayLine(message.time);
    const previous = this.items.at(-1);
    const joins = previous?.kind === 'message' && isOneGroup(previous, message);
    if (joins) this.items[this.items.length - 1] = { ...previous, isLast: false, saysWhy: false };
    this.items.push({
      ...message,
      kind: 'message',
      key: `message ${message.author.id} ${message.id}`,
      quoted: message.data.reply === undefined ? undefined : this.#findQuoted(message.data.reply),
      isOwn: message.author.id === this.#me.id,
      isFirst: !joins,
      isLast: true,
      saysWhy: message.status === 'failed',
    });
  }

  start(isFirst: boolean): void {
    this.items.push({ kind: 'start', key: 'start', isFirst });
  }

  notice({ change, people, more, time, after }: Notice): void {
    this.items.push({ kind: 'notice', key: `notice ${after} ${change} ${time}`, change, people, more });
  }

  unreadLine(seq: number | undefined, authorId: string): void {
    const unreadAfter = this.#room.view?.unreadAfter;
    if (this.#hasUnreadLine || unreadAfter === undefined || seq === undefined || seq <= unreadAfter) return;
    // The first unread message is above, and not loaded.
    if (this.#firstSeq === undefined && seq > unreadAfter + 1 && hasOlder(this.#room)) this.#hasUnreadLine = true;
    this.#firstSeq ??= seq;
    if (this.#hasUnreadLine || authorId === this.#me.id) return;
    this.#hasUnreadLine = true;
    this.items.push({ kind: 'unread', key: 'unread' });
  }

  #dayLine(time: number): void {
    const day = dayKey(time, this.#timeZone);
    if (day === this.#day) return;
    this.#day = day;
    // The line of a day is above the unread line.
    const line: TimelineItem = { kind: 'day', key: `day ${day} ${this.items.length}`, time };
    if (this.items.at(-1)?.kind === 'unread') this.items.splice(-1, 0, line);
    else this.items.push(line);
  }
}

/** Failed messages form groups of their own, each with one reason. */
function isOneGroup(a: ShownMessage, b: Pick<ShownMessage, 'author' | 'time' | 'status' | 'code'>): boolean {
  if (a.author.id !== b.author.id || (a.status === 'failed') !== (b.status === 'failed') || a.code !== b.code)
    return false;
  return Math.abs(b.time - a.time) < groupMs;
}
