/** What servers send to the windows of people after a change of rooms. The change is done already: a failure is logged. */
import type { Logger, Rooms } from 'gale';
import type { ChatNotification } from '../messages/chat-notification.ts';
import type { RoomSignal } from './wire-rooms.ts';

/** Most notifications under way at once. */
const maxAtOnce = 50;

export class RoomNotices {
  readonly #rooms: Rooms;
  readonly #log: Logger;

  constructor(rooms: Rooms, log: Logger) {
    this.#rooms = rooms;
    this.#log = log;
  }

  /** To all windows of a person. */
  toPerson(personId: string, notification: ChatNotification): Promise<void> {
    return this.#logFailure(this.#rooms.notify(personId, notification));
  }

  /** To all windows of several people; to each what `toNotification` returns. */
  async toPeople(ids: readonly string[], toNotification: (id: string) => Promise<ChatNotification>): Promise<void> {
    for (let at = 0; at < ids.length; at += maxAtOnce) {
      const some = ids.slice(at, at + maxAtOnce);
      await Promise.all(
        some.map((id) => this.#logFailure(toNotification(id).then((event) => this.#rooms.notify(id, event)))),
      );
    }
  }

  /** To all windows of everybody. */
  toEveryone(notification: ChatNotification): Promise<void> {
    return this.#logFailure(this.#rooms.notifyEveryone(notification));
  }

  /** To all windows that are subscribed to a room: those of its members. */
  toRoom(roomId: string, signal: RoomSignal): Promise<void> {
    return this.#logFailure(this.#rooms.signal(roomId, signal));
  }

  /** To all windows that are subscribed to one of several rooms. */
  async toRooms(ids: readonly string[], signal: RoomSignal): Promise<void> {
    for (let at = 0; at < ids.length; at += maxAtOnce)
      await Promise.all(ids.slice(at, at + maxAtOnce).map((id) => this.toRoom(id, signal)));
  }

  /** Windows see the change when they reconnect. */
  async #logFailure(notified: Promise<void>): Promise<void> {
    await notified.catch((error: unknown) =>
      this.#log.warn({ err: error }, 'A notification of a change of rooms failed'),
    );
  }
}
