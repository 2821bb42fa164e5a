/**
 * Removes old rooms that only their maker ever joined and that never had a message. Otherwise such rooms would fill the list.
 * It runs on every server; each step is safe when several servers do it at the same time.
 *
 * One atomic step hides the room in the store if nobody else joined it. A second one removes its stream if it has no message.
 * A person who joins or publishes meanwhile either comes before the step, and the room stays, or is refused.
 */
import type { Logger, Rooms } from 'gale';
import type { ChatNotification } from '../messages/chat-notification.ts';
import type { ChatRoom, RoomStore } from './room.ts';

export interface EmptyRoomsOptions {
  /** Age at which an empty room is removed, in milliseconds; 0 removes none. */
  readonly emptyRoomMs: number;
  readonly log: Logger;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** Most rooms in one run. */
const maxAtOnce = 100;

export class EmptyRooms {
  readonly #store: RoomStore;
  readonly #rooms: Rooms;
  readonly #emptyRoomMs: number;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(store: RoomStore, rooms: Rooms, { emptyRoomMs, log, now = Date.now }: EmptyRoomsOptions) {
    this.#store = store;
    this.#rooms = rooms;
    this.#emptyRoomMs = emptyRoomMs;
    this.#log = log;
    this.#now = now;
    if (emptyRoomMs === 0) return;
    const betweenMs = Math.min(60_000, Math.max(1000, emptyRoomMs / 10));
    this.#timer = setInterval(() => void this.sweep(), betweenMs).unref();
  }

  /** Removes due rooms, up to a limit. A timer calls it. Never rejects. */
  sweep(): Promise<void> {
    this.#running ??= this.#sweep()
      .catch((error: unknown) =>
        this.#log.warn({ err: error }, 'Empty rooms could not be removed; the removal is retried later'),
      )
      .finally(() => (this.#running = undefined));
    return this.#running;
  }

  /** Stops after the current run. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #sweep(): Promise<void> {
    if (this.#emptyRoomMs === 0) return;
    const rooms = await this.#store.unjoined(this.#now() - this.#emptyRoomMs, maxAtOnce);
    if (rooms.length === 0) return;
    const heads = await this.#rooms.broker.heads(rooms.map(({ id }) => id));
    for (const room of rooms) {
      // A room with a message is not checked again.
      if ((heads.get(room.id)?.top ?? 0) > 0) await this.#store.keep(room.id);
      else await this.#remove(room);
    }
  }

  async #remove(room: ChatRoom): Promise<void> {
    const { id } = room;
    if (!(await this.#store.hide(id))) return;
    if (!(await this.#rooms.broker.removeEmpty(id))) {
      await this.#store.keep(id);
      return;
    }
    if (!(await this.#store.remove(room))) return;
    this.#log.info({ room: id }, 'An empty room was removed');
    // A window that misses it sees the removal when it reconnects.
    await this.#rooms
      .notifyEveryone({ type: 'room-removed', room: id } satisfies ChatNotification)
      .catch((error: unknown) =>
        this.#log.warn({ err: error, room: id }, 'The notification of the removal of a room failed'),
      );
  }
}
