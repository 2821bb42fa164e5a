/**
 * The chat as the page uses it: verbs in, one value out. What the server tells is turned into the next value
 * by session/listen.ts; what that value is, by state/.
 */
import type { OutboxEntry, PeoplePage, Person, RoomsClient } from 'gale/client';
import type { Language } from '../../locale/index.ts';
import { lobbyId, type ChatCommands, type MessageData, type WireRoom } from '../../wire.ts';
import { applyLeft, applyRoom, createChatState, showRoom, updateRoom, type ChatState } from '../state/chat-state.ts';
import { addPending, markFailed, removeOutgoing, textOf } from '../state/outgoing.ts';
import { isUnknown } from '../state/refusal.ts';
import { advanceCursor, removeUnreadLine } from '../state/reading.ts';
import { lastOffset, type RoomState } from '../state/room-state.ts';
import { Store } from '../state/store.ts';
import type { Drafts } from '../storage/drafts.ts';
import type { KeptTexts } from '../storage/kept-texts.ts';
import type { StoredEntries } from '../storage/stored-entries.ts';
import { listenToServer } from './listen.ts';
import { ReadReports } from './read-reports.ts';
import { createAnnouncer, type KeyedAnnouncement } from './announcer.ts';

/** People asked for at once. */
const peoplePageCount = 100;

/** A message that was refused, or of which the server does not know whether it was sent, and why. */
export type FailedEntry = OutboxEntry & { readonly code: string };

/** What a chat is made of. */
export interface ChatParts {
  readonly client: RoomsClient<MessageData>;
  readonly me: Person;
  readonly language: Language;
  readonly drafts: Drafts;
  readonly keptTexts: KeptTexts;
  readonly failed: StoredEntries<FailedEntry>;
  /** Puts a room on screen, by its address. */
  readonly goTo: (roomId: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** One person's chat in one window. */
export class Chat {
  /** What the page is drawn from. */
  readonly store: Store<ChatState>;
  /** What a screen reader announces, newest last. */
  readonly announcements: Store<readonly KeyedAnnouncement[]> = new Store<readonly KeyedAnnouncement[]>([]);
  readonly drafts: Drafts;
  /** Texts of this person that were not sent, in all windows of this browser. */
  readonly keptTexts: KeptTexts;
  readonly #client: RoomsClient<MessageData>;
  readonly #failed: StoredEntries<FailedEntry>;
  readonly #goTo: (roomId: string) => void;
  readonly #now: () => number;
  readonly #followed = new Set<string>();
  readonly #readReports: ReadReports;
  #failedEntries: readonly FailedEntry[];

  constructor({ client, me, language, drafts, keptTexts, failed, goTo, now = Date.now }: ChatParts) {
    this.store = new Store(createChatState(me, language, now()));
    this.drafts = drafts;
    this.keptTexts = keptTexts;
    this.#client = client;
    this.#failed = failed;
    this.#failedEntries = failed.load();
    this.#goTo = goTo;
    this.#now = now;
    this.#readReports = new ReadReports(client);
    listenToServer(client, {
      store: this.store,
      announcer: createAnnouncer(this.announcements),
      now,
      onRooms: () => this.#followRooms(),
      onReadBehind: (room) => this.#readReports.report(room.id, { epoch: room.epoch, offset: room.cursor }),
      onUnfollowed: (roomId) => this.#followed.delete(roomId),
      onRefused: (entry, code) => this.#keepFailed([...this.#failedEntries, { ...entry, code }]),
    });
  }

  /** Puts a room on screen; undefined: none. */
  show(roomId: string | undefined): void {
    this.store.update((state) => showRoom(state, roomId));
  }

  /** Sends a text to a room. */
  send(roomId: string, text: string): void {
    this.#publish({ room: roomId, data: { text } });
    this.#updateRoom(roomId, removeUnreadLine);
  }

  /**
   * Sends a message again that was refused, with the id it had. If nobody knows whether it was sent, it becomes a new message
   * with a new id. Does nothing if it is neither.
   */
  retry(id: string): void {
    const entry = this.#failedEntries.find((failed) => failed.id === id);
    if (!entry) return;
    const { room, sent = true, after, code } = entry;
    const data = { text: textOf(entry.data) };
    this.discard(room, id);
    this.#publish(isUnknown(code) ? { room, data } : { room, data, id, sent, after });
  }

  /** Takes a message that was refused, or of which nobody knows whether it was sent, off the screen, for good. */
  discard(roomId: string, id: string): void {
    this.#keepFailed(this.#failedEntries.filter((failed) => failed.id !== id));
    this.#updateRoom(roomId, (room) => removeOutgoing(room, id));
  }

  /** Everything in a room has been on screen. */
  readToEnd(roomId: string): void {
    const room = this.store.value.rooms.get(roomId);
    if (!room?.isLoaded || lastOffset(room) <= room.cursor) return;
    const position = { epoch: room.epoch, offset: lastOffset(room) };
    this.#updateRoom(roomId, (state) => advanceCursor(state, position.epoch, position.offset));
    this.#readReports.report(roomId, position);
  }

  /** Makes a room and shows it. Rejects with a `RoomError`. */
  async makeRoom(name: string): Promise<void> {
    const { room } = await this.#call('make-room', { name });
    this.#enter(room);
  }

  /** Joins a room and shows it. Rejects with a `RoomError`. */
  async joinRoom(roomId: string): Promise<void> {
    const { room } = await this.#call('join-room', { room: roomId });
    this.#enter(room);
  }

  /** Leaves a room. Rejects with a `RoomError`. */
  async leaveRoom(roomId: string): Promise<void> {
    await this.#call('leave-room', { room: roomId });
    this.store.update((state) => applyLeft(state, roomId));
    this.#followRooms();
    if (this.store.value.openRoom === roomId) this.#goTo(lobbyId);
  }

  /** Some of the people in a big room. Rejects with a `RoomError`. */
  peoplePage(roomId: string, after: string | undefined): Promise<PeoplePage> {
    return this.#client.people(
      roomId,
      after === undefined ? { limit: peoplePageCount } : { after, limit: peoplePageCount },
    );
  }

  /** Tries to connect at once. */
  tryNow(): void {
    this.#client.retryNow();
  }

  /** Disconnects for good and stores no more drafts: the person logs out. */
  close(): void {
    this.drafts.stop();
    this.#client.close();
  }

  /** Says whether somebody is looking. */
  setAttentive(isAttentive: boolean): void {
    this.store.update((state) => (state.isAttentive === isAttentive ? state : { ...state, isAttentive }));
  }

  /** Says whether the server refused this window because the person has too many. */
  setTooManyWindows(hasTooManyWindows: boolean): void {
    this.store.update((state) => {
      if (state.connection.state === 'open' || state.connection.hasTooManyWindows === hasTooManyWindows) return state;
      return { ...state, connection: { ...state.connection, hasTooManyWindows } };
    });
  }

  /** Changes the language of the page. */
  setLanguage(language: Language): void {
    this.store.update((state) => ({ ...state, language }));
  }

  /** Sends a command of the chat. The server guarantees the fields of the reply. */
  async #call<Type extends keyof ChatCommands>(
    type: Type,
    fields: ChatCommands[Type]['fields'],
  ): Promise<ChatCommands[Type]['reply']> {
    return await this.#client.call<string>(type, fields);
  }

  #enter(room: WireRoom): void {
    this.store.update((state) => applyRoom(state, room));
    this.#followRooms();
    this.#goTo(room.id);
  }

  /** Follows exactly the rooms this person is in, the one on screen first, and shows what was kept over a reload. */
  #followRooms(): void {
    const { rooms, openRoom } = this.store.value;
    const joined = [...rooms.values()].filter((room) => room.isMember).map(({ id }) => id);
    for (const id of this.#followed) {
      if (joined.includes(id)) continue;
      this.#followed.delete(id);
      this.#client.unsubscribe(id);
    }
    for (const id of joined.sort((a, b) => Number(b === openRoom) - Number(a === openRoom))) {
      if (this.#followed.has(id)) continue;
      this.#followed.add(id);
      this.#client.subscribe(id);
    }
    this.#showOutgoing();
  }

  #showOutgoing(): void {
    const show = (entry: OutboxEntry, add: (room: RoomState) => RoomState): void =>
      this.#updateRoom(entry.room, (room) => (room.outgoing.some(({ id }) => id === entry.id) ? room : add(room)));
    for (const entry of this.#failedEntries) show(entry, (room) => markFailed(room, entry, entry.code));
    for (const entry of this.#client.outbox) show(entry, (room) => addPending(room, entry));
  }

  #publish(
    message: Pick<OutboxEntry, 'room' | 'sent' | 'after'> & { readonly id?: string; readonly data: MessageData },
  ): void {
    const { room: roomId, data, id: knownId, sent = false, after } = message;
    const { id } = this.#client.publish(roomId, data, knownId, { sent, after });
    this.#updateRoom(roomId, (room) => addPending(room, { room: roomId, id, data, time: this.#now() }));
  }

  #keepFailed(entries: readonly FailedEntry[]): void {
    this.#failedEntries = entries;
    this.#failed.save(entries);
  }

  #updateRoom(roomId: string, change: (room: RoomState) => RoomState): void {
    this.store.update((state) => updateRoom(state, roomId, change));
  }
}
