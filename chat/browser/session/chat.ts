/**
 * The chat for the components of the page: methods for actions, and one value to render. state/ defines the value, and
 * session/listen.ts updates it from the frames of the server.
 */
import type { OutboxEntry, PeoplePage, Person, RoomsClient } from 'gale/client';
import { isLanguage, type Language } from '../../locale/index.ts';
import type { Theme } from '../../people/choices.ts';
import type { ChatCommands, MessageData, Opening, WireChoices, WireRoom } from '../../wire.ts';
import { isInDirect } from '../state/direct-names.ts';
import {
  addRemoved,
  applyLeft,
  applyNames,
  applyOwn,
  applyRoom,
  createChatState,
  showRoom,
  updateRoom,
  type ChatState,
} from '../state/chat-state.ts';
import { DialogState } from '../state/dialog-state.ts';
import { applyOpening } from '../state/opening.ts';
import { addPending, dataOf, markFailed, removeOutgoing } from '../state/outgoing.ts';
import { isReplyToGone, isUnknown } from '../state/refusal.ts';
import { advanceRead, readAll, removeUnreadLine, seenUpTo, type SeenRange } from '../state/reading.ts';
import { homeRoom } from '../state/room-order.ts';
import type { RoomState } from '../state/room-state.ts';
import { serverAheadMs, serverNow } from '../time/server-time.ts';
import { Store } from '../state/store.ts';
import type { Drafts } from '../storage/drafts.ts';
import type { Intents } from '../storage/intents.ts';
import type { KeptTexts } from '../storage/kept-texts.ts';
import type { Places } from '../storage/places.ts';
import type { PeoplePanel } from '../storage/people-panel.ts';
import type { StoredEntries } from '../storage/stored-entries.ts';
import { listenToServer } from './listen.ts';
import { Messages } from './messages.ts';
import { ReadReports } from './read-reports.ts';
import type { FoundPerson, MentionCommands, MentionPlace } from '../../mentions/mention-wire.ts';
import { PeopleNames } from './people-names.ts';
import { RoomPlace } from './room-place.ts';
import { TimelineLoader } from './timeline-loader.ts';
import { createAnnouncer, type KeyedAnnouncement } from './announcer.ts';

/** Number of people in one page of the list. */
const peoplePageCount = 100;

/** A message that was refused or whose result is unknown, the error code, and the name of its room, which may be removed. */
export type FailedEntry = OutboxEntry & { readonly code: string; readonly roomName?: string };

/** Read positions of several rooms. */
export type ReadSetting = ChatCommands['set-read']['fields']['positions'];

/** Commands that a dialog sends itself. */
export type RoomCommand = Exclude<
  keyof ChatCommands,
  'make-room' | 'join-room' | 'leave-room' | 'open-direct' | 'look-at-room' | 'mute-room'
>;

/** The dependencies of a {@link Chat}. */
export interface ChatParts {
  readonly client: RoomsClient<MessageData>;
  readonly me: Person;
  readonly language: Language;
  readonly drafts: Drafts;
  readonly intents: Intents;
  readonly keptTexts: KeptTexts;
  readonly peoplePanel: PeoplePanel;
  readonly places: Places;
  readonly failed: StoredEntries<FailedEntry>;
  /** Opens a room by its address. */
  readonly goTo: (roomId: string) => void;
  /** As `goTo`, but "back" does not return to the room that is open now. */
  readonly goToInstead: (roomId: string) => void;
  /** Watches whether the person stays where they are; see session/whereabouts.ts. */
  readonly startStay: () => () => boolean;
  /** Another person has signed in to this browser. The client is closed: the page must load again. */
  readonly onOtherPerson: () => void;
  /** The theme that the person has chosen. */
  readonly onTheme?: (theme: Theme) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** The chat of one person in one window. */
export class Chat {
  /** The value that the page renders. */
  readonly store: Store<ChatState>;
  /** What a screen reader announces, newest last. */
  readonly announcements: Store<readonly KeyedAnnouncement[]> = new Store<readonly KeyedAnnouncement[]>([]);
  /** The open dialog. */
  readonly dialog: DialogState = new DialogState();
  readonly drafts: Drafts;
  readonly intents: Intents;
  /** Changes of messages by this person. */
  readonly messages: Messages;
  /** Unsent texts of this person, in all windows of this browser. */
  readonly keptTexts: KeptTexts;
  readonly peoplePanel: PeoplePanel;
  /** The people whom the page shows by their id. */
  readonly names: PeopleNames;
  /** The positions before messages were marked as read, while the undo is offered; session/mark-read.ts sets them. */
  readonly readBefore: Store<ReadSetting | undefined> = new Store<ReadSetting | undefined>(undefined);
  /** Loads parts of the history. */
  readonly loader: TimelineLoader;
  /** Where the open room is scrolled to. */
  readonly place: RoomPlace;
  /** Rooms with messages that may have changed, and the oldest one that their stream keeps: only those before it. session/refresh.ts takes them. */
  readonly returns: Store<ReadonlyMap<string, number>> = new Store<ReadonlyMap<string, number>>(new Map());
  readonly #client: RoomsClient<MessageData>;
  readonly #failed: StoredEntries<FailedEntry>;
  readonly #parts: ChatParts;
  readonly #now: () => number;
  readonly #followed = new Set<string>();
  readonly #readReports: ReadReports;
  #failedEntries: readonly FailedEntry[];

  constructor(parts: ChatParts) {
    const { client, me, language, drafts, intents, keptTexts, peoplePanel, failed, now = Date.now } = parts;
    this.#parts = parts;
    this.store = new Store(createChatState(me, language, now()));
    this.drafts = drafts;
    this.intents = intents;
    this.messages = new Messages({
      store: this.store,
      intents,
      drafts,
      call: (type, fields) => this.#call(type, fields),
    });
    this.keptTexts = keptTexts;
    this.peoplePanel = peoplePanel;
    this.#client = client;
    this.#failed = failed;
    this.#failedEntries = failed.load();
    this.#now = now;
    this.#readReports = new ReadReports(client, parts.places.reads(me.id, now()));
    this.names = new PeopleNames({
      describe: async (ids) => (await this.#callMentions('describe-people', { ids })).people,
    });
    const { promise: isConnected, resolve: onConnected } = Promise.withResolvers<void>();
    this.loader = new TimelineLoader({
      store: this.store,
      // The page shows messages before it is connected.
      call: (type, fields) => isConnected.then(() => this.#call(type, fields)),
    });
    this.place = new RoomPlace({
      store: this.store,
      loader: this.loader,
      places: parts.places,
      onMissing: (code) => this.messages.note(code),
    });
    this.names.store.listen(() => this.#nameDirects());
    listenToServer(client, {
      store: this.store,
      announcer: createAnnouncer(this.announcements),
      now,
      onOtherPerson: () => {
        this.close();
        parts.onOtherPerson();
      },
      onChoices: (choices) => this.#follow(choices),
      onSet: (roomId) => this.forgetReads(roomId),
      onWelcome: (me) => {
        onConnected();
        this.#nameDirects();
        this.#follow(me.choices);
        this.names.renew();
        this.names.learn([me]);
        this.names.retry();
      },
      onPersonChanged: (id) => {
        this.names.changed(id);
        if (isInDirect(this.store.value, id)) this.names.find(id);
      },
      onRooms: () => {
        this.#repeatReads();
        this.#followRooms();
        this.#lookAtOpenRoom();
        this.messages.repeatEdits();
      },
      onUnfollowed: (roomId) => this.#followed.delete(roomId),
      onReturn: (roomId, keptSeq) => this.returns.update((rooms) => new Map(rooms).set(roomId, keptSeq)),
      onChanged: (roomId, seq, data) => {
        this.messages.apply(roomId, seq, data);
        // It may be among those that were announced.
        if (data.deleted) this.announcements.update(() => []);
      },
      onTooFast: (afterMs) => this.messages.note('ROOM_TOO_FAST', Math.ceil(afterMs / 1000)),
      onRefused: (entry, code) => {
        const roomName = this.store.value.rooms.get(entry.room)?.name ?? '';
        this.#keepFailed([...this.#failedEntries, { ...entry, code, roomName }]);
      },
    });
  }

  /** Opens a room, at a message if there is one. Undefined closes the open one. */
  show(roomId: string | undefined, seq?: number): void {
    if (roomId !== undefined && seq !== undefined && this.store.value.openRoom === roomId) {
      void this.place.goToMessage(roomId, seq);
      return;
    }
    this.place.want(roomId, seq);
    this.store.update((state) => showRoom(state, roomId));
    this.#lookAtOpenRoom();
  }

  /**
   * Shows what the page has of the open room, and subscribes from there. Call it after {@link show}, before the connection.
   *
   * @param text - JSON of an {@link Opening}; undefined for none.
   */
  begin(text: string | undefined): void {
    if (text === undefined) return;
    const opening = JSON.parse(text) as Opening;
    const { room, at, people } = opening;
    // The page before may have reported its last position in the same moment.
    const readSeq = Math.max(room.readSeq, this.#readReports.unconfirmed.get(room.id) ?? 0);
    const state = applyOpening(this.store.value, { ...opening, room: { ...room, readSeq } });
    const opened = state.rooms.get(room.id);
    // The person wants to see another room or another part.
    if (!opened?.view || !this.place.isIn(opened)) return;
    this.#followed.add(room.id);
    this.#client.subscribe(room.id, at);
    this.names.learn(people);
    this.store.update(() => state);
  }

  /** Sends a text to a room, as a reply to a message if there is one. A person who replies has read. */
  send(roomId: string, text: string, reply?: number): void {
    this.readToEnd(roomId);
    this.publish({ room: roomId, data: { text, ...(reply === undefined ? {} : { reply }) } });
    this.#updateRoom(roomId, removeUnreadLine);
  }

  /** Publishes a message and shows it as pending. @param message - With an `id`, one that was published before. */
  publish(
    message: Pick<OutboxEntry, 'room' | 'sent' | 'after'> & { readonly id?: string; readonly data: MessageData },
  ): void {
    const { room: roomId, data, id: knownId, sent = false, after } = message;
    const { id } = this.#client.publish(roomId, data, knownId, { sent, after });
    this.#updateRoom(roomId, (room) =>
      addPending(room, { room: roomId, id, data, time: this.#now() + serverAheadMs() }),
    );
  }

  /**
   * Retries a refused message with its old id; without the quote, if that is gone. A message whose result is unknown is sent as a new one
   * with a new id. Ignores other ids.
   */
  retry(id: string): void {
    const entry = this.#failedEntries.find((failed) => failed.id === id);
    if (!entry) return;
    const { room, sent = true, after, code } = entry;
    const { reply, ...rest } = dataOf(entry.data);
    const data = reply === undefined || isReplyToGone(code) ? rest : { ...rest, reply };
    this.discard(room, id);
    this.publish(isUnknown(code) ? { room, data } : { room, data, id, sent, after });
  }

  /** Shows refused messages of another window, which was closed. */
  adoptFailed(entries: readonly FailedEntry[]): void {
    const known = this.#failedEntries;
    this.#keepFailed([...known, ...entries.filter(({ id }) => !known.some((entry) => entry.id === id))]);
    this.#showOutgoing();
  }

  /** Removes a message that was refused or whose result is unknown. */
  discard(roomId: string, id: string): void {
    this.#keepFailed(this.#failedEntries.filter((failed) => failed.id !== id));
    this.#updateRoom(roomId, (room) => removeOutgoing(room, id));
  }

  /** Removes the draft of a room. */
  discardDraft(roomId: string): void {
    this.drafts.set(roomId, '');
    this.refresh();
  }

  /** Shows what the person has chosen. */
  #follow({ language, theme }: WireChoices): void {
    if (isLanguage(language)) this.setLanguage(language);
    this.#parts.onTheme?.(theme);
  }

  /** Renders the page again, since a draft has changed, which is not part of the state. */
  refresh(): void {
    this.store.update((state) => ({ ...state }));
  }

  /** Marks messages as read that are on screen, if the window has attention and no unread message is above them. */
  readSeen(roomId: string, range: SeenRange): void {
    const { rooms, isAttentive, me } = this.store.value;
    const room = rooms.get(roomId);
    const seq = isAttentive && room?.isLoaded ? seenUpTo(room, range, me.id) : undefined;
    if (room && seq !== undefined) this.#readTo(room, seq);
  }

  /** Marks all messages of a room as read, as the person wants it. */
  readToEnd(roomId: string): void {
    const room = this.store.value.rooms.get(roomId);
    if (!room?.isLoaded) return;
    this.#updateRoom(roomId, readAll);
    if (room.topSeq > room.readSeq) this.#readReports.report(roomId, room.topSeq);
  }

  /** The person has set the read position of a room. */
  forgetReads(roomId: string): void {
    this.#readReports.forget(roomId);
  }

  /** Reports what was read, before the page is unloaded. */
  reportReads(): void {
    this.#readReports.flush();
    this.#parts.places.keepReads(this.store.value.me.id, this.#readReports.unconfirmed, this.#now());
  }

  /** Creates a room and opens it, unless the person has gone elsewhere meanwhile. Rejects with a `RoomError`. */
  async makeRoom(fields: ChatCommands['make-room']['fields']): Promise<void> {
    const { reply, hasStayed } = await this.#callFromHere('make-room', fields);
    this.#enter(reply.room, hasStayed);
  }

  /** Opens the conversation with other people, unless the person has gone elsewhere meanwhile. Rejects with a `RoomError`. */
  async openDirect(people: readonly string[]): Promise<void> {
    const { reply, hasStayed } = await this.#callFromHere('open-direct', { people });
    this.#enter(reply.room, hasStayed);
  }

  /** Opens a room at once, and closes the dialog: what is typed next is for this room. */
  goTo(roomId: string): void {
    this.dialog.close();
    this.#parts.goTo(roomId);
    this.show(roomId);
  }

  /** Sends a command that changes a room or asks about one. Rejects with a `RoomError`. */
  command<Type extends RoomCommand>(
    type: Type,
    fields: ChatCommands[Type]['fields'],
  ): Promise<ChatCommands[Type]['reply']> {
    return this.#call(type, fields);
  }

  /** Mutes a room until a time; null ends it. Rejects with a `RoomError`. */
  async mute(room: string, until: number | null): Promise<void> {
    await this.#call('mute-room', { room, until });
    this.store.update((state) => applyOwn(state, { type: 'room-own', room, mutedUntil: until }));
  }

  /** Joins a room and opens it, unless the person has gone elsewhere meanwhile. Rejects with a `RoomError`. */
  async joinRoom(roomId: string): Promise<void> {
    const { reply, hasStayed } = await this.#callFromHere('join-room', { room: roomId });
    this.#enter(reply.room, hasStayed);
  }

  /** Leaves a room, and opens the lobby unless the person has gone elsewhere meanwhile. Rejects with a `RoomError`. */
  async leaveRoom(roomId: string): Promise<void> {
    const { hasStayed } = await this.#callFromHere('leave-room', { room: roomId });
    this.store.update((state) => applyLeft(state, roomId));
    this.#followRooms();
    if (hasStayed && this.store.value.openRoom === roomId)
      this.#parts.goToInstead(homeRoom(this.store.value, serverNow()));
  }

  /** People by a part of the name or its pinyin. Rejects with a `RoomError`. */
  async findPeople(fields: MentionCommands['find-people']['fields']): Promise<readonly FoundPerson[]> {
    const { people } = await this.#callMentions('find-people', fields);
    this.names.learn(people);
    return people;
  }

  /** A page of the messages that mention this person, newest first. Rejects with a `RoomError`. @param after - `next` of the page before. */
  mentionsPage(after: MentionPlace | undefined): Promise<MentionCommands['list-mentions']['reply']> {
    return this.#callMentions('list-mentions', after === undefined ? {} : { after });
  }

  /** The number of members of a room; the number of people who are here if the server does not answer. */
  async countMembers(roomId: string): Promise<number> {
    try {
      const { count } = await this.#callMentions('find-people', { room: roomId, text: '' });
      if (count !== undefined) return count;
    } catch {
      // The message is sent later.
    }
    return this.store.value.rooms.get(roomId)?.peopleCount ?? 0;
  }

  /** Loads one page of the people in a big room. Rejects with a `RoomError`. @param after - `next` of the previous page. */
  peoplePage(roomId: string, after: string | undefined): Promise<PeoplePage> {
    return this.#client.people(
      roomId,
      after === undefined ? { limit: peoplePageCount } : { after, limit: peoplePageCount },
    );
  }

  /** Reconnects now. */
  tryNow(): void {
    this.#client.retryNow();
  }

  /** Disconnects for good and stores no more drafts: the person logs out. */
  close(): void {
    this.drafts.stop();
    this.#client.close();
  }

  /** Sets whether the window has attention. */
  setAttentive(isAttentive: boolean): void {
    this.store.update((state) => (state.isAttentive === isAttentive ? state : { ...state, isAttentive }));
  }

  /** Sets whether the server refuses this window because the person has too many. Ignored while connected. */
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

  async #callMentions<Type extends keyof MentionCommands>(
    type: Type,
    fields: MentionCommands[Type]['fields'],
  ): Promise<MentionCommands[Type]['reply']> {
    // The server guarantees the fields.
    const reply: object = await this.#client.call<string>(type, fields);
    return reply as MentionCommands[Type]['reply'];
  }

  /** Sends a command, and watches whether the person stays where they are until the reply. */
  async #callFromHere<Type extends keyof ChatCommands>(
    type: Type,
    fields: ChatCommands[Type]['fields'],
  ): Promise<{ readonly reply: ChatCommands[Type]['reply']; readonly hasStayed: boolean }> {
    const endStay = this.#parts.startStay();
    try {
      const reply = await this.#call(type, fields);
      return { reply, hasStayed: endStay() };
    } catch (error) {
      endStay();
      throw error;
    }
  }

  /** Asks what an open room is in which this person is not. The server does not say whether it exists if they may not join it. */
  #lookAtOpenRoom(): void {
    const { openRoom: room, rooms, isWelcomed, looksAt } = this.store.value;
    if (room === undefined || !isWelcomed || looksAt === room) return;
    const known = rooms.get(room);
    if (known && (known.isMember || !known.isRemoved)) return;
    this.store.update((state) => ({ ...state, looksAt: room }));
    const isOver = (): void =>
      this.store.update((state) => (state.looksAt === room ? { ...state, looksAt: undefined } : state));
    this.#call('look-at-room', { room }).then(
      (reply) => {
        this.store.update((state) => applyRoom(state, reply.room));
        isOver();
        this.#followRooms();
      },
      // It is unknown, or the connection is lost; the next welcome asks again.
      isOver,
    );
  }

  #enter(room: WireRoom, isOpened: boolean): void {
    this.store.update((state) => applyRoom(state, room));
    this.#followRooms();
    if (isOpened) this.goTo(room.id);
  }

  /** Subscribes to exactly the rooms of this person, the open one first, and shows unsent messages of an earlier page load. */
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
    for (const { room, roomName } of this.#failedEntries) this.#addRemoved(room, roomName);
    for (const { room } of this.#client.outbox) this.#addRemoved(room);
    for (const room of this.drafts.rooms()) this.#addRemoved(room);
    const show = (entry: OutboxEntry, add: (room: RoomState) => RoomState): void =>
      this.#updateRoom(entry.room, (room) => (room.outgoing.some(({ id }) => id === entry.id) ? room : add(room)));
    for (const entry of this.#failedEntries) show(entry, (room) => markFailed(room, entry, entry.code));
    for (const entry of this.#client.outbox) show(entry, (room) => addPending(room, entry));
  }

  /** Adds a room with unsent texts that the server does not name: it was removed. */
  #addRemoved(roomId: string, name = ''): void {
    this.store.update((state) => (state.isWelcomed ? addRemoved(state, roomId, name) : state));
  }

  #readTo({ id }: RoomState, seq: number): void {
    this.#updateRoom(id, (room) => advanceRead(room, seq));
    this.#readReports.report(id, seq);
  }

  /** Reports again what the server may not have. */
  #repeatReads(): void {
    for (const [roomId, seq] of this.#readReports.unconfirmed) {
      this.#updateRoom(roomId, (room) => advanceRead(room, seq));
      this.#readReports.report(roomId, seq);
    }
  }

  /** A direct conversation has the names of its people. */
  #nameDirects(): void {
    const known = this.names.store.value;
    this.store.update((state) => applyNames(state, (id) => known.get(id)?.name));
  }

  #keepFailed(entries: readonly FailedEntry[]): void {
    this.#failedEntries = entries;
    this.#failed.save(entries);
  }

  #updateRoom(roomId: string, change: (room: RoomState) => RoomState): void {
    this.store.update((state) => updateRoom(state, roomId, change));
  }
}
