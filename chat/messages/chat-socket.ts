/**
 * The socket of a window: the rooms protocol with the rules and commands of the chat.
 */
import { RoomError, RoomSocket, type Person, type Rooms } from 'gale';
import { findSignedIn, type SignedIn } from '../accounts/signed-in.ts';
import type { Chat, ChatInit } from '../chat.ts';
import { setSecurityHeaders } from '../pages/security-headers.ts';
import { toOthers } from '../rooms/directory.ts';
import { limits, type ChatCommands, type ChatEvent, type ChatWelcome, type MessageData } from '../wire.ts';
import type { ChatNotification } from './chat-notification.ts';
import { checkText } from './text.ts';

export class ChatSocket extends RoomSocket<SignedIn, MessageData, ChatInit> {
  #stopWatching: (() => void) | undefined;

  override setDefaultHeaders(): void {
    setSecurityHeaders(this);
  }

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
    const session = this.currentUser?.session;
    if (session) this.#stopWatching = this.#chat.liveSessions.add(session.id, (reason) => this.endSession(reason));
    this.#chat.sockets.add(this);
    await super.open(...parameters);
  }

  override onClose(): void {
    this.#stopWatching?.();
    this.#chat.sockets.delete(this);
    super.onClose();
  }

  override async welcome(): Promise<ChatWelcome> {
    const { id } = this.#signedInPerson;
    const session = this.currentUser?.session.id ?? '';
    // The session may have ended after the handshake and before this socket got notifications.
    if (!(await this.#chat.sessions.living([session])).has(session)) this.endSession();
    return { limits, rooms: await this.#chat.directory.list(id) };
  }

  override canSubscribe(room: string): Promise<void> {
    return this.#chat.directory.assertMember(room, this.#signedInPerson.id);
  }

  override canPublish(room: string): Promise<void> {
    return this.#chat.directory.assertMember(room, this.#signedInPerson.id);
  }

  override canRead(room: string): Promise<void> {
    return this.#chat.directory.assertMember(room, this.#signedInPerson.id);
  }

  override checkData(_room: string, data: unknown): MessageData {
    return { text: checkText(readText(data, 'text', 'data.text')) };
  }

  override async onCommand(type: string, fields: Readonly<Record<string, unknown>>): Promise<object> {
    const { directory } = this.#chat;
    switch (type) {
      case 'make-room':
        return {
          room: await directory.make(this.#signedInPerson, readText(fields, 'name'), this.#address),
        } satisfies ChatCommands['make-room']['reply'];
      case 'join-room':
        return {
          room: await directory.join(this.#signedInPerson, readText(fields, 'room')),
        } satisfies ChatCommands['join-room']['reply'];
      case 'leave-room':
        await directory.leave(this.#signedInPerson, readText(fields, 'room'));
        return {};
      default:
        return super.onCommand(type, fields);
    }
  }

  override onNotification(notification: object): void {
    const event = notification as ChatNotification;
    switch (event.type) {
      case 'session-ended':
        if (event.until !== undefined) this.#chat.sessions.noteEnded(event.session, event.until);
        if (event.session === this.currentUser?.session.id) this.endSession(event.reason);
        return;
      case 'room-made': {
        const { room, by } = event;
        const shown = by === this.#signedInPerson.id ? room : toOthers(room);
        this.sendEvent({ type: 'room-made', room: shown } satisfies ChatEvent);
        return;
      }
      case 'left':
      case 'room-removed':
        this.endSubscription(event.room);
        this.sendEvent(event satisfies ChatEvent);
        return;
      default:
        this.sendEvent(event satisfies ChatEvent);
    }
  }

  get #chat(): Chat {
    return this.init.chat;
  }

  get #address(): string {
    return this.request.remoteAddress;
  }

  get #signedInPerson(): Person {
    const person = this.person();
    if (!person) throw new Error('Nobody is signed in on this socket.');
    return person;
  }
}

/** Reads a field that must be a string. */
function readText(from: unknown, field: string, label: string = field): string {
  const value = typeof from === 'object' && from !== null ? (from as Record<string, unknown>)[field] : undefined;
  if (typeof value === 'string') return value;
  throw new RoomError('ROOM_BAD_COMMAND', `${label} must be a string; got ${value === null ? 'null' : typeof value}.`);
}
