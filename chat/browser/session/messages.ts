/**
 * Changes of messages by this person, and parts of messages that the page does not have: quoted and pinned ones. The state shows a
 * change at once, or when the server has made it.
 */
import type { Person, RoomError } from 'gale/client';
import { expiredBy, type ChatCommands, type MessageData, type WireExcerpt } from '../../wire.ts';
import { updateRoom, type ChatState } from '../state/chat-state.ts';
import {
  applyData,
  applyExcerpts,
  applyExpired,
  findMessage,
  isOwnReaction,
  withEdit,
  withReaction,
} from '../state/message-data.ts';
import { forgetMention, noteMentions } from '../state/own-mentions.ts';
import { isOffline } from '../state/refusal.ts';
import type { RoomState } from '../state/room-state.ts';
import { Store } from '../state/store.ts';
import type { Drafts } from '../storage/drafts.ts';
import type { Intents } from '../storage/intents.ts';

/** Most messages of one `get-messages`. */
const maxExcerpts = 20;
/** How long a notice is shown, in milliseconds. */
const noticeMs = 6000;

/** The code of a refused change, or `messageTextCopied` and the like. A new object for each, since the same one may come again. */
export interface ChangeNotice {
  readonly code: string;
  /** When it is tried again. */
  readonly seconds?: number;
}

/** New data of a message. */
export interface ChangedMessage {
  readonly room: string;
  readonly seq: number;
  readonly data: MessageData;
}

/** Whether a change removes the message with a number from its room: that message was deleted, or a later one because of its age. */
export function removes({ seq, data: { deleted } }: ChangedMessage, of: number): boolean {
  return deleted !== undefined && (of === seq || (deleted.by === expiredBy && of < seq));
}

/** Sends a command of the chat. */
type Call = <Type extends keyof ChatCommands>(
  type: Type,
  fields: ChatCommands[Type]['fields'],
) => Promise<ChatCommands[Type]['reply']>;

/** What {@link Messages} uses. */
export interface MessagesParts {
  readonly store: Store<ChatState>;
  readonly intents: Intents;
  readonly drafts: Drafts;
  readonly call: Call;
}

export class Messages {
  /** Why the last change was refused, for a few seconds. */
  readonly notice: Store<ChangeNotice | undefined> = new Store<ChangeNotice | undefined>(undefined);
  /** The last change of a message, for parts of the page that have a copy of texts. */
  readonly changed: Store<ChangedMessage | undefined> = new Store<ChangedMessage | undefined>(undefined);
  readonly #parts: MessagesParts;
  /** Excerpts that are asked for, as room and number. */
  readonly #wanted = new Set<string>();

  constructor(parts: MessagesParts) {
    this.#parts = parts;
  }

  /** Replaces the text of a message of this person. Without a connection it is sent when there is one, also after a reload. */
  async edit(room: string, seq: number, text: string): Promise<void> {
    const { intents } = this.#parts;
    intents.set(room, undefined);
    if (!intents.edits.get(room, seq)?.isSaved && this.#find(room, seq)?.data.text === text) return;
    intents.edits.set(room, seq, { text, isSaved: true });
    await this.#sendEdit(room, seq, text);
  }

  /** Sends the edits that the server may not have. Call it when the connection is open and the rooms are known. */
  repeatEdits(): void {
    for (const { room, seq, text } of this.#parts.intents.edits.saved) void this.#sendEdit(room, seq, text);
  }

  /** Deletes a message. */
  delete(room: string, seq: number): Promise<void> {
    return this.#noting(async () =>
      this.apply(room, seq, (await this.#parts.call('delete-message', { room, seq })).data),
    );
  }

  /** Takes back a message. @returns Its text, for the composer; undefined if it was refused, or the changed text is there. */
  async recall(room: string, seq: number): Promise<string | undefined> {
    const isChanged = this.#parts.intents.changedText(room, seq) !== undefined;
    const text = isChanged ? undefined : this.#find(room, seq)?.data.text;
    let isDone = false;
    await this.#noting(async () => {
      this.apply(room, seq, (await this.#parts.call('delete-message', { room, seq, recall: true })).data);
      isDone = true;
    });
    return isDone ? text : undefined;
  }

  /** Adds the reaction of this person with an emoji, or removes it. */
  async toggleReaction(room: string, seq: number, emoji: string): Promise<void> {
    const message = this.#find(room, seq);
    if (!message) return;
    const me = this.#parts.store.value.me.id;
    const known = isOwnReaction(message.data, emoji, me);
    await this.#noting(async () => {
      const isOwn = known ?? (await this.#parts.call('who-reacted', { room, seq, emoji })).own;
      this.#update(room, (state) => withReaction(state, seq, emoji, me, !isOwn));
      try {
        this.apply(room, seq, (await this.#parts.call('react', { room, seq, emoji, on: !isOwn })).data);
      } catch (error) {
        this.#update(room, (state) => withReaction(state, seq, emoji, me, isOwn));
        throw error;
      }
    });
  }

  /** Pins a message, or unpins it. */
  pin(room: string, seq: number, on: boolean): Promise<void> {
    return this.#noting(async () =>
      this.apply(room, seq, (await this.#parts.call('pin-message', { room, seq, on })).data),
    );
  }

  /** Moves the read position of this person before a message. */
  markUnread(room: string, seq: number): Promise<void> {
    return this.#noting(async () => {
      await this.#parts.call('mark-unread', { room, seq });
    });
  }

  /** The pinned messages of a room, the newest pin first. Rejects with a `RoomError`. */
  async pins(room: string): Promise<readonly WireExcerpt[]> {
    return (await this.#parts.call('list-pins', { room })).messages;
  }

  /** The first people who reacted with an emoji, and their number. Rejects with a `RoomError`. */
  whoReacted(
    room: string,
    seq: number,
    emoji: string,
  ): Promise<{ readonly people: readonly Person[]; readonly count: number }> {
    return this.#parts.call('who-reacted', { room, seq, emoji });
  }

  /** Loads quoted messages that the page does not have. */
  loadExcerpts(room: string, seqs: readonly number[]): void {
    const next = seqs.filter((seq) => !this.#wanted.has(`${seq} ${room}`)).slice(0, maxExcerpts);
    if (next.length === 0) return;
    for (const seq of next) this.#wanted.add(`${seq} ${room}`);
    const end = (): void => next.forEach((seq) => this.#wanted.delete(`${seq} ${room}`));
    this.#parts.call('get-messages', { room, seqs: next }).then(
      ({ messages }) => {
        end();
        this.#update(room, (state) => applyExcerpts(state, next, messages));
      },
      // The next render asks again, but not while there is no connection.
      () => setTimeout(end, noticeMs),
    );
  }

  /** Loads all excerpts of a room again. */
  reloadExcerpts(room: string): void {
    const seqs = [...(this.#parts.store.value.rooms.get(room)?.excerpts.keys() ?? [])];
    for (let at = 0; at < seqs.length; at += maxExcerpts) this.loadExcerpts(room, seqs.slice(at, at + maxExcerpts));
  }

  /** Applies new data of a message, from whomever. */
  apply(room: string, seq: number, data: MessageData): void {
    const { me } = this.#parts.store.value;
    this.#update(room, (state) => {
      if (data.deleted?.by === expiredBy) return applyExpired(state, seq);
      const next = forgetMention(applyData(state, seq, data), seq, data, me.id);
      const message = findMessage(next, seq);
      return message ? noteMentions(next, [message], me.id) : next;
    });
    if (data.deleted) this.forgetDeleted(room, seq);
    this.changed.update(() => ({ room, seq, data }));
  }

  /** A message was deleted: a reply to it is a message of its own, and its changed text a draft, since a person typed it. */
  forgetDeleted(room: string, seq: number): void {
    const { intents, drafts } = this.#parts;
    const text = intents.changedText(room, seq);
    if (text !== undefined) drafts.putBack(room, text);
    // The line above the composer is about to disappear.
    if (text !== undefined || intents.get(room)?.seq === seq) this.note('CHAT_MESSAGE_DELETED');
    this.#showEdit(room, seq, undefined);
    intents.forget(room, seq);
  }

  /** Shows that something was refused, or done. @param seconds - When it is tried again. */
  note(code: string, seconds?: number): void {
    const notice: ChangeNotice = seconds === undefined ? { code } : { code, seconds };
    this.notice.update(() => notice);
    setTimeout(() => this.notice.update((shown) => (shown === notice ? undefined : shown)), noticeMs);
  }

  async #sendEdit(room: string, seq: number, text: string): Promise<void> {
    const { call, intents, drafts } = this.#parts;
    this.#showEdit(room, seq, text);
    /** Whether the person has not changed it again meanwhile. */
    const isNewest = (): boolean => intents.edits.get(room, seq)?.text === text;
    try {
      const { data } = await call('edit-message', { room, seq, text });
      if (isNewest()) {
        intents.edits.remove(room, seq);
        this.#showEdit(room, seq, undefined);
      }
      this.apply(room, seq, data);
    } catch (error) {
      const { code } = error as RoomError;
      if (isOffline(code) || !isNewest()) return;
      this.note(code);
      if (code === 'CHAT_MESSAGE_DELETED') {
        this.forgetDeleted(room, seq);
        return;
      }
      intents.edits.set(room, seq, { text, isSaved: false });
      this.#showEdit(room, seq, undefined);
      // Not while the person types something else.
      intents.flush?.();
      if (intents.get(room) === undefined && drafts.get(room) === '') intents.edit(room, seq, text);
    }
  }

  #showEdit(room: string, seq: number, text: string | undefined): void {
    this.#update(room, (state) => withEdit(state, seq, text));
  }

  async #noting(change: () => Promise<void>): Promise<void> {
    try {
      await change();
    } catch (error) {
      this.note((error as RoomError).code);
    }
  }

  #find(room: string, seq: number): ReturnType<typeof findMessage> {
    const state = this.#parts.store.value.rooms.get(room);
    return state && findMessage(state, seq);
  }

  #update(room: string, change: (state: RoomState) => RoomState): void {
    this.#parts.store.update((state) => updateRoom(state, room, change));
  }
}
