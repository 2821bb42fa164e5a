/**
 * The socket of a window: the rooms protocol with the rules and commands of the chat.
 */
import { RoomSocket, type Person, type Rooms } from 'gale';
import type { Unvalidated } from 'gale/rooms';
import { describeMe, findSignedIn, type SignedIn } from '../accounts/signed-in.ts';
import type { Chat, ChatInit } from '../chat.ts';
import { historyCommands, isHistoryCommand } from '../history/history-commands.ts';
import { checkMentions } from '../mentions/check-mentions.ts';
import { unreadMentions } from '../mentions/mention-list.ts';
import { isMentionCommand, mentionCommands, type MentionParts } from '../mentions/mention-commands.ts';
import { isRoomCommand, roomCommands } from '../rooms/room-commands.ts';
import { deactivated, limits, type ChatEvent, type ChatWelcome, type MessageData } from '../wire.ts';
import { isMessageCommand, messageCommands, readReply } from './changes/message-commands.ts';
import type { ChatNotification } from './chat-notification.ts';
import { readText } from './commands.ts';
import { checkText } from './text.ts';

/** It reads many rows of the database, whatever it finds. */
const searchCost = 5;
/** Everybody in the room is notified, as of a message. */
const roomChangeCost = 10;
/** Commands that count as several. */
const commandCosts: ReadonlyMap<string, number> = new Map([
  ['directory', searchCost],
  ['find-people', searchCost],
  ['members', searchCost],
  ['add-people', roomChangeCost],
  ['archive-room', roomChangeCost],
  ['change-room', roomChangeCost],
  ['join-room', roomChangeCost],
  ['leave-room', roomChangeCost],
  ['remove-person', roomChangeCost],
  ['set-role', roomChangeCost],
]);

export class ChatSocket extends RoomSocket<SignedIn, MessageData, ChatInit> {
  /**
   * The rooms of the welcome, each until its first subscription, which needs no further read of the database: whoever leaves a room before
   * it leaves this list, as they would leave a subscription. Undefined when it is empty, as in most windows.
   */
  #welcomed: Set<string> | undefined;

  override getCurrentUser(): Promise<SignedIn | undefined> {
    return findSignedIn(this, this.#chat);
  }

  override get rooms(): Rooms<MessageData> {
    return this.#chat.rooms;
  }

  override person(): Person | undefined {
    return this.currentUser?.person;
  }

  override async open(...parameters: never[]): Promise<void> {
    const user = this.currentUser;
    if (user) this.#chat.liveSessions.add(user.sessionId, this);
    this.#chat.sockets.add(this);
    await super.open(...parameters);
  }

  override onClose(): void {
    const user = this.currentUser;
    if (user) this.#chat.liveSessions.remove(user.sessionId, this);
    this.#chat.sockets.delete(this);
    super.onClose();
  }

  override async welcome(): Promise<ChatWelcome> {
    const { id } = this.#signedInPerson;
    const session = this.currentUser?.sessionId ?? '';
    const [living, rooms, mentions] = await Promise.all([
      this.#chat.sessions.living([session]),
      this.#chat.directory.list(id),
      unreadMentions(this.#chat.database, id),
    ]);
    // The session may have ended after the handshake and before this socket got notifications.
    if (!living.has(session)) this.endSession();
    const user = this.currentUser;
    if (!user) throw new Error('Nobody is signed in on this socket.');
    this.#welcomed = new Set(rooms.map(({ id: room }) => room));
    return { limits, me: describeMe(user), rooms, mentions: Object.fromEntries(mentions) };
  }

  override async canSubscribe(room: string): Promise<void> {
    if (this.#takeWelcomed(room)) return;
    await this.#chat.directory.assertMember(room, this.#signedInPerson.id);
  }

  override canPublish(room: string): Promise<void> {
    return this.#chat.directory.assertWriter(room, this.#signedInPerson.id);
  }

  override canRead(room: string): Promise<void> {
    return this.#chat.directory.assertMember(room, this.#signedInPerson.id);
  }

  override async checkData(room: string, data: unknown): Promise<MessageData> {
    const { text, reply: sentReply }: Unvalidated<MessageData> = typeof data === 'object' && data !== null ? data : {};
    const checked = checkText(readText(text, 'data.text'));
    const reply = readReply(sentReply);
    if (reply !== undefined) await this.#chat.messages.changes.assertReplyable({ room, seq: reply });
    const mentions = await checkMentions(this.#chat.database.tables, {
      roomId: room,
      authorId: this.#signedInPerson.id,
      text: checked,
    });
    return {
      text: checked,
      ...(reply === undefined ? {} : { reply }),
      ...(mentions.length > 0 ? { mentions } : {}),
    };
  }

  override async onCommand(type: string, fields: Readonly<Record<string, unknown>>): Promise<object> {
    const cost = commandCosts.get(type);
    const tooFast = cost && this.rooms.limits.takeMore(this.#signedInPerson.id, cost - 1);
    if (tooFast) throw tooFast;
    if (isMentionCommand(type)) return mentionCommands[type](this.#mentionParts, this.#signedInPerson, fields);
    if (isMessageCommand(type)) {
      return messageCommands[type](this.#chat.messages, this.#signedInPerson.id, fields);
    }
    if (isHistoryCommand(type)) return historyCommands[type](this.#chat, this.#signedInPerson.id, fields);
    if (!isRoomCommand(type)) return super.onCommand(type, fields);
    const { directory, roomActions: actions } = this.#chat;
    const parts = { directory, actions, person: this.#signedInPerson, address: this.request.remoteAddress };
    return roomCommands[type](parts, fields);
  }

  override onNotification(notification: object): void {
    const event = notification as ChatNotification;
    switch (event.type) {
      case 'session-ended':
        if (event.until !== undefined) this.#chat.sessions.noteEnded(event.session, event.until);
        if (event.session === this.currentUser?.sessionId) this.endSession(event.reason);
        return;
      case 'deactivated':
        this.endSession(deactivated);
        return;
      case 'person-changed':
        if (event.name !== undefined) this.#rename(event.person, event.name);
        this.sendEvent({ type: event.type, person: event.person } satisfies ChatEvent);
        return;
      case 'left':
      case 'room-removed':
        this.#leave(event.room);
        this.sendEvent(event satisfies ChatEvent);
        return;
      case 'room-deleted':
        if (this.#leave(event.room)) this.sendEvent({ type: 'room-removed', room: event.room } satisfies ChatEvent);
        return;
      default:
        this.sendEvent(event satisfies ChatEvent);
    }
  }

  get personId(): string | undefined {
    return this.person()?.id;
  }

  /** The person is not in the room any more. */
  removeFrom(room: string): void {
    this.onNotification({ type: 'left', room } satisfies ChatNotification);
  }

  /** This window gets nothing more of a room. @returns Whether it was welcomed or subscribed to it. */
  #leave(room: string): boolean {
    const wasWelcomed = this.#takeWelcomed(room);
    const wasSubscribed = this.endSubscription(room);
    this.#chat.readPositions.checks.forget(this.#signedInPerson.id, room);
    return wasWelcomed || wasSubscribed;
  }

  /** Removes a room from those of the welcome. @returns Whether it was one. */
  #takeWelcomed(room: string): boolean {
    const wasThere = this.#welcomed?.delete(room) === true;
    if (this.#welcomed?.size === 0) this.#welcomed = undefined;
    return wasThere;
  }

  /** Later messages of this window have the new name. */
  #rename(id: string, name: string): void {
    const user = this.currentUser;
    if (user?.person.id === id) Object.assign(user, { person: { id, name } });
  }

  get #chat(): Chat {
    return this.init.chat;
  }

  get #mentionParts(): MentionParts {
    const { database, directory } = this.#chat;
    return { database, assertMember: (room, person) => directory.assertMember(room, person) };
  }

  get #signedInPerson(): Person {
    const person = this.person();
    if (!person) throw new Error('Nobody is signed in on this socket.');
    return person;
  }
}
