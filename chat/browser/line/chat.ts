/**
 * The chat as the page uses it: verbs in, one value out. It tells the server what a person does
 * and turns what the server tells into the next state.
 */
import type { OutboxEntry, Person, RoomsClient, RoomsError, ServerFrame } from 'gale/client';
import type { Language } from '../../locale/index.ts';
import { Announcements, type Announcement } from '../state/announcements.ts';
import {
  applyLeft,
  applyRoom,
  applyRooms,
  createChatState,
  showRoom,
  updateRoom,
  type ChatState,
  type Limits,
} from '../state/chat-state.ts';
import { bannerDelayMs } from '../state/line-banner.ts';
import { addPending, markFailed, markStored, removeOutgoing, textOf } from '../state/outgoing.ts';
import { applyPeople, applyPresence } from '../state/presence.ts';
import { advanceCursor, removeUnreadLine } from '../state/reading.ts';
import { lastOffset, offsetIn, type RoomState, type WireRoom } from '../state/room-state.ts';
import { Store } from '../state/store.ts';
import { applyDropped, applyMessage, applyReset, applySubscribed, type Arrival } from '../state/stream.ts';
import type { Drafts } from '../storage/drafts.ts';
import type { StoredEntries } from '../storage/stored-entries.ts';
import { ReadReports } from './read-reports.ts';

/** A message that was refused, and why. */
export type FailedEntry = OutboxEntry & { readonly code: string };

/** An announcement; each has a key of its own. */
export type Told = Announcement & { readonly key: number };

/** Announcements that stay where a screen reader finds them. */
const keptAnnouncements = 9;

/** What a chat is made of. */
export interface ChatParts {
  readonly client: RoomsClient;
  readonly me: Person;
  readonly language: Language;
  readonly drafts: Drafts;
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
  /** What a screen reader is told, newest last. */
  readonly announcements: Store<readonly Told[]> = new Store<readonly Told[]>([]);
  readonly drafts: Drafts;
  readonly #client: RoomsClient;
  readonly #failed: StoredEntries<FailedEntry>;
  readonly #goTo: (roomId: string) => void;
  readonly #now: () => number;
  readonly #followed = new Set<string>();
  readonly #readReports: ReadReports;
  readonly #announcer: Announcements;
  #failedEntries: readonly FailedEntry[];
  #wasAway = false;

  constructor({ client, me, language, drafts, failed, goTo, now = Date.now }: ChatParts) {
    this.store = new Store(createChatState(me, language, now()));
    this.drafts = drafts;
    this.#client = client;
    this.#failed = failed;
    this.#failedEntries = failed.load();
    this.#goTo = goTo;
    this.#now = now;
    this.#readReports = new ReadReports(client);
    this.#announcer = new Announcements(
      (announcement) =>
        this.announcements.update((told) => [
          ...told.slice(-keptAnnouncements),
          { ...announcement, key: (told.at(-1)?.key ?? 0) + 1 },
        ]),
      (then, afterMs) => void setTimeout(then, afterMs),
    );
    this.#listen();
  }

  /** Puts a room on screen; undefined: none. */
  show(roomId: string | undefined): void {
    this.#update((state) => showRoom(state, roomId));
  }

  /** Sends a text to a room. */
  send(roomId: string, text: string): void {
    this.#publish({ room: roomId, data: { text } });
    this.#updateRoom(roomId, removeUnreadLine);
  }

  /** Sends a message again that was refused, with the id it had. Does nothing if it is not a refused one. */
  retry(id: string): void {
    const entry = this.#failedEntries.find((failed) => failed.id === id);
    if (!entry) return;
    this.#keepFailed(this.#failedEntries.filter((failed) => failed !== entry));
    this.#publish(entry);
  }

  /** Takes a message that was refused off the screen, for good. */
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

  /** Makes a room and shows it. Rejects with a `RoomsError`. */
  async makeRoom(name: string): Promise<void> {
    const reply = await this.#client.call('make-room', { name });
    this.#joined(reply['room'] as WireRoom);
  }

  /** Joins a room and shows it. Rejects with a `RoomsError`. */
  async joinRoom(roomId: string): Promise<void> {
    const reply = await this.#client.call('join-room', { room: roomId });
    this.#joined(reply['room'] as WireRoom);
  }

  /** Leaves a room. Rejects with a `RoomsError`. */
  async leaveRoom(roomId: string): Promise<void> {
    await this.#client.call('leave-room', { room: roomId });
    this.#left(roomId);
  }

  /** Tries to connect at once. */
  tryNow(): void {
    this.#client.retryNow();
  }

  /** Says whether somebody is looking. */
  setAttentive(isAttentive: boolean): void {
    this.#update((state) => (state.isAttentive === isAttentive ? state : { ...state, isAttentive }));
  }

  /** Changes the language of the page. */
  setLanguage(language: Language): void {
    this.#update((state) => ({ ...state, language }));
  }

  #listen(): void {
    const client = this.#client;
    client.on('state', (lineState) => {
      const { lostAt } = this.store.value.line;
      if (lineState === 'open') this.#wasAway = this.#now() - (lostAt ?? this.#now()) >= bannerDelayMs;
      const line = { state: lineState, lostAt: lineState === 'open' ? undefined : (lostAt ?? this.#now()) };
      this.#update((state) => ({ ...state, line }));
    });
    client.on('welcome', (frame) => this.#onWelcome(frame));
    client.on('subscribed', (roomId, reply) => {
      this.#updateRoom(roomId, (room) => applySubscribed(room, reply, this.#arrival(), this.#wasAway));
      const room = this.store.value.rooms.get(roomId);
      // What was read while the line was gone is told now.
      if (room && room.epoch === reply.epoch && room.cursor > offsetIn(reply.epoch, reply.cursor)) {
        this.#readReports.report(roomId, { epoch: room.epoch, offset: room.cursor });
      }
    });
    client.on('unsubscribed', (roomId) => {
      this.#followed.delete(roomId);
      this.#update((state) => applyLeft(state, roomId));
    });
    client.on('message', (roomId, epoch, { offset, id, author, time, data }) => {
      const message = { offset, id, author, time, text: textOf(data) };
      const { rooms, openRoom, me } = this.store.value;
      if (roomId === openRoom && rooms.get(roomId)?.isLoaded && author.id !== me.id) {
        this.#announcer.take(author.name, message.text);
      }
      this.#updateRoom(roomId, (room) => applyMessage(room, epoch, message, this.#arrival()));
    });
    client.on('dropped', (roomId, hole) =>
      this.#updateRoom(roomId, (room) => applyDropped(room, hole, this.#arrival())),
    );
    client.on('reset', (roomId, start) => this.#updateRoom(roomId, (room) => applyReset(room, start, this.#arrival())));
    client.on('published', (entry, at) => this.#updateRoom(entry.room, (room) => markStored(room, entry, at)));
    client.on('refused', (entry, error) => this.#onRefused(entry, error));
    client.on('event', (frame) => this.#onEvent(frame));
  }

  #onWelcome(frame: ServerFrame): void {
    const { person, limits, rooms } = frame as unknown as { person: Person; limits: Limits; rooms: WireRoom[] };
    this.#update((state) => applyRooms({ ...state, me: person, limits }, rooms));
    this.#showOutgoing();
    for (const roomId of this.#followed) if (!this.store.value.rooms.get(roomId)?.isMember) this.#unfollow(roomId);
    const { openRoom } = this.store.value;
    if (openRoom !== undefined) this.#follow(openRoom);
    for (const { id } of rooms) this.#follow(id);
  }

  #onRefused(entry: OutboxEntry, { code }: RoomsError): void {
    this.#keepFailed([...this.#failedEntries, { ...entry, code }]);
    this.#updateRoom(entry.room, (room) => markFailed(room, entry, code));
  }

  #onEvent(frame: ServerFrame): void {
    const {
      type,
      room: named,
      person,
      people,
      count,
      epoch,
      offset,
    } = frame as unknown as {
      type: string;
      room: string | WireRoom;
      person: Person;
      people: Person[];
      count: number;
      epoch: string;
      offset: number;
    };
    if (typeof named === 'string') {
      if (type === 'people') this.#updateRoom(named, (room) => applyPeople(room, people, count));
      else if (type === 'enter' || type === 'leave') {
        const { me } = this.store.value;
        this.#updateRoom(named, (room) => applyPresence(room, type, { person, count, me: me.id, now: this.#now() }));
      } else if (type === 'read') this.#updateRoom(named, (room) => advanceCursor(room, epoch, offset));
      else if (type === 'left') this.#left(named);
    } else if (type === 'room-made' && !this.store.value.rooms.has(named.id)) {
      this.#update((state) => applyRoom(state, named));
    } else if (type === 'joined') this.#enter(named);
  }

  #joined(room: WireRoom): void {
    this.#enter(room);
    this.#goTo(room.id);
  }

  #enter(room: WireRoom): void {
    this.#update((state) => applyRoom(state, room));
    this.#showOutgoing();
    this.#follow(room.id);
  }

  #left(roomId: string): void {
    this.#unfollow(roomId);
    if (this.store.value.rooms.get(roomId)?.isMember) this.#update((state) => applyLeft(state, roomId));
  }

  #follow(roomId: string): void {
    if (this.#followed.has(roomId) || !this.store.value.rooms.get(roomId)?.isMember) return;
    this.#followed.add(roomId);
    this.#client.subscribe(roomId);
  }

  #unfollow(roomId: string): void {
    if (this.#followed.delete(roomId)) this.#client.unsubscribe(roomId);
  }

  #publish({ room: roomId, data, id: knownId }: { room: string; data: unknown; id?: string }): void {
    const { id } = this.#client.publish(roomId, data, knownId);
    this.#updateRoom(roomId, (room) => addPending(room, { room: roomId, id, data, time: this.#now() }));
  }

  /** Puts on screen what was kept over a reload. */
  #showOutgoing(): void {
    const show = (entry: OutboxEntry, add: (room: RoomState) => RoomState): void =>
      this.#updateRoom(entry.room, (room) => (room.outgoing.some(({ id }) => id === entry.id) ? room : add(room)));
    for (const entry of this.#failedEntries) show(entry, (room) => markFailed(room, entry, entry.code));
    for (const entry of this.#client.outbox) show(entry, (room) => addPending(room, entry));
  }

  #keepFailed(entries: readonly FailedEntry[]): void {
    this.#failedEntries = entries;
    this.#failed.save(entries);
  }

  #arrival(): Arrival {
    const { me, isAttentive } = this.store.value;
    return { me: me.id, isAttentive };
  }

  #update(change: (state: ChatState) => ChatState): void {
    this.store.update(change);
  }

  #updateRoom(roomId: string, change: (room: RoomState) => RoomState): void {
    this.store.update((state) => updateRoom(state, roomId, change));
  }
}
